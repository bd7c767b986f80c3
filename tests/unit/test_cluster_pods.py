"""How pods are seen and shown: crashed and waiting, paused, and what the controller leaves alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faults.wait import until
from lab.referee.balancer import Server
from lab.referee.cluster.lives import lived
from lab.referee.cluster.podviews import pod_uid, pod_view
from lab.referee.cluster.setviews import Member, member_pod_view, set_view
from lab.referee.pods.containers import Seen
from lab.referee.pods.controller import Controller
from lab.referee.pods.crashes import BACKOFF_S, Crashes
from lab.referee.pods.model import Deployment, Pod
from lab.referee.pods.seeing import pod_of
from lab.referee.pods.store import State, Store
from lab.referee.pods.ushering import Ushering
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Service

POD = Pod(
    name="api-h-1",
    deployment="api",
    hash="h",
    release="1.0",
    revision=1,
    container="c",
    created_t=100.0,
    started_t=110.0,
)
UP = Server(name="api-h-1", address="10.0.0.1:8080", status="UP", sessions=0)
SEEN = Seen(
    name="api-h-1",
    deployment="api",
    release="1.0",
    revision=1,
    hash="h",
    running=True,
    ip="10.0.0.1",
    created_t=100.0,
    labels={"app": "api"},
    container="c",
)
REDIS = Member(name="redis", image="redis:8", port=6379)
SERVICE = Service(name="redis", id="r", state="running", started_t=100.0, addresses={})


def status(pod: Pod, *, back_off_s: float = 0.0) -> dict[str, Any]:
    """What a pod's view says of its container."""
    view = pod_view(pod, None, None, back_off_s=back_off_s)
    found: dict[str, Any] = view["status"]["containerStatuses"][0]
    return found


def test_a_pod_that_crashes_again_and_again_waits_longer_each_time() -> None:
    clock = [100.0]
    crashes = Crashes(now=lambda: clock[0])
    waits = []
    assert crashes.back_off_s("a") == 0.0
    for _ in range(7):
        while not crashes.due("a"):
            waits.append(crashes.back_off_s("a"))
            clock[0] += waits[-1]
        clock[0] += 0.1
    assert waits == [*BACKOFF_S, BACKOFF_S[-1]]
    clock[0] += 61.0
    assert crashes.back_off_s("a") == 0.0
    assert not crashes.due("a")
    assert crashes.back_off_s("a") == BACKOFF_S[0]


def test_a_pod_that_ran_for_longer_than_its_wait_backs_off_all_the_same() -> None:
    clock = [100.0]
    crashes = Crashes(now=lambda: clock[0])
    for wait_s in BACKOFF_S[:3]:
        assert not crashes.due("a")
        assert crashes.back_off_s("a") == wait_s
        clock[0] += wait_s
        assert crashes.due("a")
        assert crashes.back_off_s("a") == 0.0
        clock[0] += 10.0


def test_a_pod_selected_again_right_after_it_was_out_is_drained_anew_the_next_time() -> None:
    """What it answers then is not cut off."""
    clock = [100.0]
    asked: list[str] = []

    class Asked:
        """A balancer that writes down what is asked of it."""

        def __getattr__(self, verb: str) -> Callable[..., None]:
            return lambda *_: asked.append(verb)

    ushering = Ushering(Asked(), ready=lambda _: True, now=lambda: clock[0])  # type: ignore[arg-type]
    pod = replace(POD, ip="10.0.0.1")
    ushering.take_out(pod, UP)
    ushering.take_out(pod, UP)
    ushering.bring_in(pod, None)
    clock[0] += 60.0
    ushering.take_out(pod, replace(UP, sessions=1))
    ushering.take_out(pod, replace(UP, sessions=1))
    assert asked == ["drain", "remove", "add", "drain"]


@pytest.mark.parametrize(("back_off_s", "said"), [(0.5, "500ms"), (8.0, "8s")])
def test_a_pod_in_a_crash_loop_says_how_long_it_waits_and_how_often_it_was_started(
    back_off_s: float, said: str
) -> None:
    dead = replace(POD, running=False, restarts=3, exit_code=3, finished_t=120.0)
    shown = status(dead, back_off_s=back_off_s)
    message = f"back-off {said} restarting failed container=api pod=api-h-1_default({pod_uid(dead)})"
    assert shown["state"] == {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    assert (shown["restartCount"], shown["lastState"]["terminated"]["exitCode"]) == (3, 3)


def test_a_paused_pod_runs_and_is_not_ready_though_the_balancer_has_not_noticed() -> None:
    seen = replace(SEEN, paused=True)
    pod = pod_of(seen, UP, State(), selected=True, busy=False, ready=lambda _: True)
    assert (pod.running, pod.served, pod.ready, pod.state) == (True, True, False, "not ready")
    assert not pod_of(seen, None, State(), selected=False, busy=False, ready=lambda _: True).ready
    shown = status(replace(pod, started_t=110.0))
    assert list(shown["state"]) == ["running"]
    assert (shown["ready"], shown["started"], shown["restartCount"]) == (False, True, 0)


def test_a_paused_database_runs_and_is_not_ready() -> None:
    paused = replace(SERVICE, state="paused")
    shown = member_pod_view(REDIS, paused, lived(None, paused))["status"]["containerStatuses"][0]
    assert (list(shown["state"]), shown["ready"], shown["started"]) == (["running"], False, True)
    assert set_view(REDIS, paused, {}, 0.0)["status"]["readyReplicas"] == 0


def test_a_database_that_never_ended_did_not_end_in_1970() -> None:
    service = replace(SERVICE, state="created", started_t=0.0)
    shown = member_pod_view(REDIS, service, lived(None, service))
    assert shown["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}


class Engine:
    """Pods that stay as they are, and what was done to them; *broken*: nothing can be."""

    def __init__(self, *pods: Seen, broken: bool = False) -> None:
        self.pods, self.broken, self.done = pods, broken, list[str]()

    def list(self) -> Sequence[Seen]:
        return self.pods

    def start(self, name: str, deployment: Deployment) -> None:
        self.done.append("start")

    def restart(self, name: str) -> None:
        self.done.append("restart")
        if self.broken:
            raise OSError("no")

    def remove(self, name: str) -> None:
        self.done.append("remove")


class Nobody:
    """A balancer with the pods that it is given, and a list of targets that nobody reads."""

    def __init__(self, *servers: Server) -> None:
        self._servers = {one.name: one for one in servers}

    def servers(self) -> dict[str, Server]:
        return self._servers

    def add(self, name: str, address: str) -> None: ...
    def drain(self, name: str) -> None: ...
    def resume(self, name: str) -> None: ...
    def remove(self, name: str) -> None: ...
    def write(self, pods: Sequence[Pod], /) -> None: ...


Told = list[Mapping[str, Any]]


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    """One pod of 1.0."""
    made = Wanted(Store(tmp_path / "wanted.json"), releases=("1.0",), now=lambda: 100.0)
    made.ensure("api", release="1.0", replicas=1)
    return made


def controller(
    wanted: Wanted, engine: Engine, told: Told, *servers: Server, now: Callable[[], float] = lambda: 100.0
) -> Controller:
    """A controller of one pod that is as *engine* says."""
    nobody = Nobody(*servers)
    return Controller(
        wanted=wanted,
        containers=engine,
        balancer=nobody,
        targets=nobody,
        ready=lambda _: False,
        tell=lambda _, detail: told.append(detail),
        now=now,
        wrong=lambda _: "",
    )


def test_a_paused_pod_is_left_alone(wanted: Wanted) -> None:
    told: Told = []
    engine = Engine(replace(SEEN, hash=wanted.deployment("api").hash, paused=True))
    made = controller(wanted, engine, told, UP)
    for _ in range(3):
        made.tick()
    assert (engine.done, [one["state"] for one in told]) == ([], ["not ready"])
    assert wanted.state.restarts == {}


@pytest.mark.parametrize("broken", [True, False])
def test_only_a_start_that_was_done_is_counted(wanted: Wanted, broken: bool) -> None:
    clock = [100.0]
    dead = replace(SEEN, hash=wanted.deployment("api").hash, running=False, exit_code=3)
    engine = Engine(dead, broken=broken)
    made = controller(wanted, engine, [], now=lambda: clock[0])
    made.tick()
    clock[0] += 1.0
    made.tick()
    jobs = made._jobs._futures.values()
    until(lambda: all(job.done() for job in jobs) or None, what="the start is over", timeout_s=10)
    assert (engine.done, wanted.state.restarts) == (["restart"], {} if broken else {"api-h-1": 1})
