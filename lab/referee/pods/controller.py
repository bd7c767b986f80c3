"""The reconcile loop: looks at engine and balancer, takes the next steps towards what is wanted, for ever."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lab.referee.balancer import Balancer, Server
from lab.referee.errors import BalancerError, EngineTrouble, NoImage
from lab.referee.pods import decide
from lab.referee.pods.containers import Seen
from lab.referee.pods.model import Deployment, Pod
from lab.referee.pods.probe import PORT
from lab.referee.pods.wanted import Wanted

DRAIN_S = 3.0
BUSY_TICK_S = 0.25
QUIET_TICK_S = 1.0
BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# A pod that ran this long is no longer in a crash loop.
CRASH_MEMORY_S = 60.0


class Containers(Protocol):
    """What the controller asks of the engine."""

    def list(self) -> Sequence[Seen]: ...
    def start(self, name: str, deployment: Deployment) -> None: ...
    def restart(self, name: str) -> None: ...
    def remove(self, name: str) -> None: ...


class Targets(Protocol):
    """Where the addresses of running pods are published."""

    def write(self, pods: Sequence[Pod], /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Crash:
    """How often a pod has crashed lately, and when it may start again."""

    count: int
    t: float

    @property
    def retry_t(self) -> float:
        """The earliest time of the next start."""
        return self.t + BACKOFF_S[min(self.count, len(BACKOFF_S)) - 1]


class Controller:
    """Owns the pods of one lab. `tick` does one round; `run` does rounds until told to stop."""

    def __init__(
        self,
        *,
        wanted: Wanted,
        containers: Containers,
        balancer: Balancer,
        targets: Targets,
        ready: Callable[[str], bool],
        tell: Callable[[str, Mapping[str, Any]], object],
        now: Callable[[], float],
    ) -> None:
        self._wanted = wanted
        self._containers = containers
        self._balancer = balancer
        self._targets = targets
        self._ready = ready
        self._tell = tell
        self._now = now
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="pods")
        self._jobs: dict[str, Future[None]] = {}
        self._creating: dict[str, Pod] = {}
        self._drained: dict[str, float] = {}
        self._crashes: dict[str, Crash] = {}
        self._waiting: dict[str, Pod] = {}
        self._said: dict[str, str] = {}
        self._pods: tuple[Pod, ...] = ()
        self._trouble = ""
        self._wake = threading.Event()

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods as the last round saw them."""
        return self._pods

    @property
    def trouble(self) -> str:
        """Why the last round could not do its work; empty where it could."""
        return self._trouble

    def backing_off(self, pod: str) -> bool:
        """Whether a pod that ended waits before it is started again."""
        crash = self._crashes.get(pod)
        return crash is not None and self._now() < crash.retry_t

    def settled(self, deployment: str) -> bool:
        """Whether exactly the wanted pods of a deployment are there and serve."""
        want = self._wanted.deployment(deployment)
        return decide.rolled_out(want, [pod for pod in self._pods if pod.deployment == deployment])

    def wake(self) -> None:
        """Do the next round at once: something else is wanted now."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Do rounds until *stop*; the engine or the balancer being away only makes it try again."""
        while not stop.is_set():
            try:
                self.tick()
                self._trouble = ""
            except (EngineTrouble, BalancerError) as error:
                self._trouble = str(error)
            quiet = not self._jobs and all(self.settled(want.name) for want in self._wanted.all())
            self._wake.wait(QUIET_TICK_S if quiet else BUSY_TICK_S)
            self._wake.clear()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def tick(self) -> None:
        """One round."""
        self._reap()
        try:
            servers = self._balancer.servers()
        except BalancerError:
            # Without the balancer nobody knows who serves: only what needs no knowledge is done.
            self._first_pods()
            raise
        pods = self._look(servers)
        self._pods = pods
        self._say(pods)
        self._sweep(servers, pods)
        for pod in pods:
            self._care(pod, servers.get(pod.name))
        wanted = self._wanted.all()
        for want in wanted:
            self._step(want, [pod for pod in pods if pod.deployment == want.name])
        known = {want.name for want in wanted}
        self._wanted.leave(pod.name for pod in pods if pod.deployment not in known)
        self._targets.write(pods)

    def _first_pods(self) -> None:
        """Start the pods of a new lab while its balancer is still coming up."""
        self._pods = self._look({})
        for want in self._wanted.all():
            if not any(pod.deployment == want.name for pod in self._pods):
                self._step(want, [])

    def _step(self, want: Deployment, pods: Sequence[Pod]) -> None:
        steps = decide.next_steps(want, pods)
        self._wanted.leave(pod.name for pod in steps.leave)
        for _ in range(steps.create):
            self._create(want)

    def _reap(self) -> None:
        for name in [name for name, job in self._jobs.items() if job.done()]:
            job = self._jobs.pop(name)
            pod = self._creating.pop(name, None)
            error = job.exception()
            if isinstance(error, NoImage) and pod is not None:
                self._waiting[name] = replace(pod, busy=False, waiting=str(error))
            if error:
                self._tell("pod", {"name": name, "state": "trouble", "reason": str(error)})

    def _look(self, servers: Mapping[str, Server]) -> tuple[Pod, ...]:
        leaving = self._wanted.leaving()
        seen = {s.name: self._pod(s, servers.get(s.name), leaving) for s in self._containers.list()}
        self._wanted.gone(name for name in leaving if name not in seen and name not in self._jobs)
        coming = tuple(pod for name, pod in self._creating.items() if name not in seen)
        waiting = tuple(self._as_told(pod, leaving) for pod in self._waiting.values())
        return (*seen.values(), *coming, *waiting)

    @staticmethod
    def _as_told(pod: Pod, leaving: Mapping[str, float]) -> Pod:
        return replace(pod, leaving=pod.name in leaving, leaving_t=leaving.get(pod.name, 0.0))

    def _pod(self, seen: Seen, server: Server | None, leaving: Mapping[str, float]) -> Pod:
        served = server is not None and server.up and seen.running
        selected = self._wanted.selected(seen.labels)
        return Pod(
            name=seen.name,
            deployment=seen.deployment,
            hash=seen.hash,
            release=seen.release,
            revision=seen.revision,
            ip=seen.ip,
            running=seen.running,
            ready=served or (not selected and seen.running and bool(seen.ip) and self._ready(seen.ip)),
            served=served,
            leaving=seen.name in leaving,
            leaving_t=leaving.get(seen.name, 0.0),
            busy=seen.name in self._jobs,
            created_t=seen.created_t,
            labels=seen.labels,
            container=seen.container,
            image_id=seen.image_id,
            started_t=seen.started_t,
            finished_t=seen.finished_t,
            exit_code=seen.exit_code,
            oom_killed=seen.oom_killed,
            restarts=self._wanted.state.restarts.get(seen.name, 0),
        )

    def _say(self, pods: Sequence[Pod]) -> None:
        """Tell what has changed since the last round."""
        states = {pod.name: pod.state for pod in pods}
        for pod in pods:
            if self._said.get(pod.name) != pod.state:
                detail = {"deployment": pod.deployment, "release": pod.release, "revision": pod.revision}
                reason = self._reason(pod)
                self._tell("pod", {"name": pod.name, "state": pod.state, "reason": reason, **detail})
        for name in self._said.keys() - states.keys():
            self._tell("pod", {"name": name, "state": "gone", "reason": ""})
        self._said = states

    def _reason(self, pod: Pod) -> str:
        if pod.state == "crashed":
            return "out of memory" if pod.oom_killed else f"exited with {pod.exit_code}"
        if pod.state == "waiting":
            return pod.waiting
        if pod.state == "not ready" and self._said.get(pod.name) == "ready":
            return "health check failed"
        return ""

    def _sweep(self, servers: Mapping[str, Server], pods: Sequence[Pod]) -> None:
        """Take out of the balancer what has no pod any more, or one with another address."""
        addresses = {pod.name: f"{pod.ip}:{PORT}" for pod in pods if pod.running}
        for name, server in servers.items():
            if name not in self._jobs and addresses.get(name) != server.address:
                self._balancer.remove(name)

    def _care(self, pod: Pod, server: Server | None) -> None:
        """Take one pod's next step: out, up again, or into the balancer."""
        if pod.busy:
            return
        if pod.leaving:
            self._usher_out(pod, server)
        elif not pod.running:
            if not pod.waiting:
                self._start_again(pod)
        elif not self._wanted.selected(pod.labels):
            self._take_out(pod, server)
        elif server is None and pod.ip and self._ready(pod.ip):
            self._balancer.add(pod.name, f"{pod.ip}:{PORT}")
        elif server is not None and server.taken_out and pod.name in self._drained:
            del self._drained[pod.name]  # selected again before it was out
            self._balancer.resume(pod.name)

    def _take_out(self, pod: Pod, server: Server | None) -> None:
        """Let no new requests reach a pod that no service selects; those in flight finish."""
        if server is None:
            self._drained.pop(pod.name, None)
        elif pod.name not in self._drained:
            self._balancer.drain(pod.name)
            self._drained[pod.name] = self._now()
        elif server.sessions == 0 or self._now() - self._drained[pod.name] >= DRAIN_S:
            self._balancer.remove(pod.name)

    def _usher_out(self, pod: Pod, server: Server | None) -> None:
        """Drain a pod that must go, then stop and remove it."""
        now = self._now()
        if pod.waiting:
            self._waiting.pop(pod.name, None)
            return
        if server is not None and pod.name not in self._drained:
            self._balancer.drain(pod.name)
            self._drained[pod.name] = now
            return
        since = self._drained.get(pod.name, now - DRAIN_S)
        if server is None or server.sessions == 0 or now - since >= DRAIN_S:
            self._do(pod.name, lambda: self._remove(pod.name))

    def _remove(self, name: str) -> None:
        try:
            self._balancer.remove(name)
        finally:
            self._containers.remove(name)
            self._drained.pop(name, None)
            self._wake.set()

    def _start_again(self, pod: Pod) -> None:
        """Start a pod that ended by itself, later each time."""
        now = self._now()
        crash = self._crashes.get(pod.name)
        if crash is None or self._recovered(crash, now):
            crash = Crash(count=1, t=now)
        self._crashes[pod.name] = crash
        if now >= crash.retry_t:
            # The next crash of this pod, should there be one, waits longer.
            self._crashes[pod.name] = replace(crash, count=crash.count + 1, t=now)
            self._wanted.count_restart(pod.name)
            self._do(pod.name, lambda: self._containers.restart(pod.name))

    @staticmethod
    def _recovered(crash: Crash, now: float) -> bool:
        return now - crash.t > CRASH_MEMORY_S

    def _create(self, want: Deployment) -> None:
        name = want.pod_name()
        self._creating[name] = Pod(
            name=name,
            deployment=want.name,
            hash=want.hash,
            release=want.current.release,
            revision=want.current.number,
            running=False,
            busy=True,
            created_t=self._now(),
            labels={**want.current.template["metadata"].get("labels", {}), "pod-template-hash": want.hash},
        )
        self._do(name, lambda: self._containers.start(name, want))

    def _do(self, name: str, work: Callable[[], None]) -> None:
        self._jobs[name] = self._workers.submit(work)
