"""Restarts and kills are counted from one look at containers to the next, and on after the referee's own."""

from collections.abc import Sequence

import pytest

from lab.history.records import Reading
from lab.readings import Fact
from lab.referee.pods.model import Pod
from lab.referee.samplers.container_facts import Facts, Look, look_of_pod, look_of_service
from lab.referee.services import Service


def up(name: str = "a", *, started_t: float = 10.0, created_t: float = 0.0) -> Look:
    return Look(id=name, running=True, started_t=started_t, created_t=created_t)


def killed(name: str = "a", *, started_t: float = 10.0, finished_t: float = 20.0) -> Look:
    return Look(id=name, running=False, started_t=started_t, finished_t=finished_t, oom_killed=True)


def counted(fact: Fact, *looks: Sequence[Look], before: Reading | None = None) -> list[float]:
    coming = iter(looks)
    facts = Facts(fact, lambda: next(coming), before=before)
    return [facts().value for _ in looks]


def test_a_container_that_was_started_again_was_restarted() -> None:
    assert counted(
        Fact.RESTARTS, [up()], [up()], [up(started_t=30.0)], [up(started_t=30.0)], [up(started_t=40.0)]
    ) == [0.0, 0.0, 1.0, 1.0, 2.0]


def test_a_pod_that_takes_anothers_place_was_not_restarted_and_its_first_start_is_none() -> None:
    coming = Look(id="b", running=False, started_t=0.0)
    assert counted(Fact.RESTARTS, [up("a")], [up("a"), coming], [up("b", started_t=31.0)], []) == [0.0] * 4


def test_one_that_was_away_for_a_look_is_still_known() -> None:
    assert counted(Fact.RESTARTS, [up()], [], [up(started_t=30.0)]) == [0.0, 0.0, 1.0]


def test_each_kill_for_want_of_memory_counts_once() -> None:
    again = killed(started_t=30.0, finished_t=35.0)
    assert counted(
        Fact.OOM_KILLS, [up()], [killed()], [killed()], [up(started_t=30.0)], [again], [again]
    ) == [0.0, 1.0, 1.0, 1.0, 2.0, 2.0]
    assert counted(Fact.OOM_KILLS, [up("a")], [up("a"), killed("b")]) == [0.0, 1.0]


def test_what_was_before_the_run_does_not_count() -> None:
    assert counted(Fact.OOM_KILLS, [killed()], [killed()]) == [0.0, 0.0]
    assert counted(Fact.RESTARTS, [up(started_t=99.0)]) == [0.0]


@pytest.mark.parametrize(
    ("fact", "look", "count"),
    [
        (Fact.RESTARTS, up(started_t=40.0), 2.0),
        (Fact.RESTARTS, up(started_t=60.0), 3.0),
        (Fact.RESTARTS, up(started_t=60.0, created_t=59.0), 2.0),
        (Fact.OOM_KILLS, killed(finished_t=40.0), 2.0),
        (Fact.OOM_KILLS, killed(finished_t=60.0), 3.0),
    ],
)
def test_a_referee_that_is_back_counts_on_and_counts_what_it_missed(
    fact: Fact, look: Look, count: float
) -> None:
    before = Reading(t=50.0, name="x", value=2.0)
    assert counted(fact, [look], [look], before=before) == [count, count]


def test_what_runs_is_counted_as_it_is() -> None:
    assert counted(Fact.RUNNING, [up("a"), up("b")], [up("a"), killed("b")], []) == [2.0, 1.0, 0.0]


def test_a_paused_service_does_not_run() -> None:
    service = Service(name="redis", id="c", state="paused", started_t=5.0, addresses={}, oom_killed=True)
    assert look_of_service(service) == Look(id="c", running=False, started_t=5.0, oom_killed=True)


def test_a_pod_is_known_by_its_name_and_its_age() -> None:
    pod = Pod(name="api-1", deployment="api", hash="h", release="1", revision=1, created_t=3.0, started_t=4.0)
    assert look_of_pod(pod) == Look(id="api-1", running=True, started_t=4.0, created_t=3.0)
