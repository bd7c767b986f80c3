"""The reconcile loop: looks at engine and balancer, takes the next steps towards what is wanted, for ever."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from lab.referee.balancer import Balancer, Server
from lab.referee.errors import BalancerError, EngineTrouble
from lab.referee.pods import decide, probe
from lab.referee.pods.births import Births
from lab.referee.pods.containers import Seen
from lab.referee.pods.crashes import Crashes
from lab.referee.pods.jobs import Jobs
from lab.referee.pods.model import Deployment, Pod
from lab.referee.pods.probing import Probing
from lab.referee.pods.seeing import pod_of
from lab.referee.pods.store import State
from lab.referee.pods.telling import Telling
from lab.referee.pods.ushering import Ushering
from lab.referee.pods.wanted import Wanted

BUSY_TICK_S = 0.25
QUIET_TICK_S = 1.0


class Containers(Protocol):
    """What the controller asks of the engine."""

    def list(self) -> Sequence[Seen]: ...
    def start(self, name: str, deployment: Deployment) -> None: ...
    def restart(self, name: str) -> None: ...
    def remove(self, name: str) -> None: ...


class Targets(Protocol):
    """Where the addresses of running pods are published."""

    def write(self, pods: Sequence[Pod], /) -> None: ...


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
        said: Mapping[str, str] | None = None,
        wrong: Callable[[str], str] = probe.wrong,
    ) -> None:
        """*said*: the state of each pod that was told last, by the controller before. *wrong*: what a pod
        that is not ready answers to its probe.
        """
        self._wanted = wanted
        self._containers = containers
        self._balancer = balancer
        self._targets = targets
        self._ready = ready
        self._now = now
        self._telling = Telling(tell, said or {})
        self._ushering = Ushering(balancer, ready=ready, now=now)
        self._probing = Probing(wrong, now=now)
        self._crashes = Crashes(now=now)
        self._jobs = Jobs()
        self._births = Births(now=now)
        self._pods: tuple[Pod, ...] = ()
        self._looked = False
        self._trouble = ""
        self._wake = threading.Event()

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The pods as the last round saw them."""
        return self._pods

    @property
    def looked(self) -> bool:
        """Whether there was a round that saw engine and balancer."""
        return self._looked

    @property
    def trouble(self) -> str:
        """Why the last round could not do its work; empty where it could."""
        return self._trouble

    def back_off_s(self, pod: str) -> float:
        """How long a pod that ended waits before it is started again; 0 where it does not."""
        return self._crashes.back_off_s(pod)

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
        self._jobs.close()

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
        self._pods, self._looked = pods, True
        unhealthy = self._probing.look(pods)
        self._telling.say(pods, wrong=self._probing.answer)
        self._telling.unhealthy(unhealthy)
        self._ushering.sweep(servers, pods, busy=self._jobs.__contains__)
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
        for name, error in self._jobs.ended():
            self._births.ended(name, error)
            if error:
                self._telling.trouble(name, str(error))

    def _look(self, servers: Mapping[str, Server]) -> tuple[Pod, ...]:
        state = self._wanted.state
        leaving = state.leaving
        seen = {one.name: self._pod(one, servers.get(one.name), state) for one in self._containers.list()}
        self._wanted.gone(name for name in leaving if name not in seen and name not in self._jobs)
        return (*seen.values(), *self._births.pods(seen, leaving))

    def _pod(self, seen: Seen, server: Server | None, state: State) -> Pod:
        return pod_of(
            seen,
            server,
            state,
            selected=self._wanted.selected(seen.labels),
            busy=seen.name in self._jobs,
            ready=self._ready,
        )

    def _care(self, pod: Pod, server: Server | None) -> None:
        """Take one pod's next step: out, up again, or into the balancer."""
        if pod.busy:
            return
        if pod.leaving:
            self._send_away(pod, server)
        elif not pod.running:
            if not pod.waiting:
                self._start_again(pod)
        elif pod.paused:
            return  # it comes back as it was, and nothing can be asked of it until then
        elif not self._wanted.selected(pod.labels):
            self._ushering.take_out(pod, server)
        else:
            self._ushering.bring_in(pod, server)

    def _send_away(self, pod: Pod, server: Server | None) -> None:
        """Drain a pod that must go, then stop and remove it."""
        if pod.waiting:
            self._births.give_up(pod.name)
        elif self._ushering.out(pod, server):
            self._jobs.begin(pod.name, lambda: self._remove(pod.name))

    def _remove(self, name: str) -> None:
        try:
            self._balancer.remove(name)
        finally:
            self._containers.remove(name)
            self._ushering.forget(name)
            self._wake.set()

    def _start_again(self, pod: Pod) -> None:
        """Start a pod that ended by itself, later each time."""
        if self._crashes.due(pod.name):
            self._jobs.begin(pod.name, lambda: self._restart(pod))

    def _restart(self, pod: Pod) -> None:
        self._containers.restart(pod.name)
        self._wanted.count_restart(pod)

    def _create(self, want: Deployment) -> None:
        name = self._births.begin(want)
        self._jobs.begin(name, lambda: self._containers.start(name, want))
