"""Readings at their own pace: what is handed out, when, and what is said of one that does not come."""

import threading
from dataclasses import dataclass, field

import pytest

from lab.history.records import Reading
from lab.readings import HTTP, SQL, Containers, Fact, PromQL
from lab.referee.errors import EngineTrouble, SampleError
from lab.referee.samplers.container_facts import Look
from lab.referee.samplers.declared import Witnesses, taken
from lab.referee.samplers.paced import Answer, Paced, Taken


@dataclass
class Clock:
    """Stands still until it is moved."""

    t: float = 100.0

    def __call__(self) -> float:
        return self.t


@dataclass
class Says:
    """Answers with one thing after the other; an exception is raised."""

    answers: list[float | Exception] = field(default_factory=list)

    def __call__(self) -> Answer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(value=answer, said="so")


def one(*answers: float | Exception, every_s: float = 5.0) -> Taken:
    return Taken(name="open_orders", every_s=every_s, take=Says(list(answers)))


def test_what_came_is_handed_out_once_with_its_time() -> None:
    clock, wanted = Clock(), one(3.0, 4.0)
    paced = Paced((wanted,), now=clock)
    paced.take(wanted)
    clock.t = 105.0
    paced.take(wanted)
    assert paced.readings() == (
        Reading(t=100.0, name="open_orders", value=3.0, error="so"),
        Reading(t=105.0, name="open_orders", value=4.0, error="so"),
    )
    assert paced.readings() == ()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (SampleError("PostgreSQL: away"), "PostgreSQL: away"),
        (EngineTrouble("the engine: away"), "the engine: away"),
        (float("nan"), "nan is no number"),
        (float("inf"), "inf is no number"),
    ],
)
def test_what_is_no_number_is_missing_and_says_why(answer: float | Exception, why: str) -> None:
    wanted = one(answer)
    paced = Paced((wanted,), now=Clock())
    paced.take(wanted)
    [reading] = paced.readings()
    assert (reading.value, reading.error) == (None, why)


def test_one_that_hangs_is_missing_while_it_is_waited_for_and_delays_no_other() -> None:
    asked, answer = threading.Event(), threading.Event()

    def hangs() -> Answer:
        asked.set()
        assert answer.wait(30)
        return Answer(value=1.0)

    clock, quick = Clock(), one(7.0)
    slow = Taken(name="slow", every_s=5.0, take=hangs)
    paced = Paced((slow, quick), now=clock)
    thread = threading.Thread(target=paced.take, args=(slow,))
    thread.start()
    assert asked.wait(30)
    paced.take(quick)
    assert [r.name for r in paced.readings()] == ["open_orders"]
    clock.t = 111.0
    missing = {r.name: (r.value, r.error) for r in paced.readings()}
    assert missing["slow"] == (None, "no answer for 11 s")
    assert paced.readings() == ()
    clock.t = 112.0
    answer.set()
    thread.join()
    assert [(r.t, r.name, r.value) for r in paced.readings()] == [(112.0, "slow", 1.0)]


def test_each_is_read_until_told_to_stop() -> None:
    stop, seen = threading.Event(), []

    def counts() -> Answer:
        seen.append(1)
        if len(seen) == 3:
            stop.set()
        return Answer(value=float(len(seen)))

    paced = Paced((Taken(name="n", every_s=0.01, take=counts),), now=Clock())
    paced.run(stop)
    assert [r.value for r in paced.readings()] == [1.0, 2.0, 3.0]


class Answering:
    """Prometheus, as far as it is asked for expressions."""

    def value(self, query: str, /) -> float:
        return {"lab:redis_hit_ratio": 0.25}[query]


class Counting:
    """A database, as far as it is asked for numbers."""

    def __init__(self, **known: float) -> None:
        self._known = known

    def scalar(self, query: str, /) -> float:
        return self._known[query.rpartition(" ")[2]]


def test_each_kind_is_asked_of_its_own_witness_at_its_pace() -> None:
    up = Look(id="c1", running=True, started_t=1.0)
    witnesses = Witnesses(
        prometheus=Answering,
        databases={"postgres": Counting(orders=12.0), "mysql": Counting(stock=7.0)},
        shop_url="http://127.0.0.1:1",
        looks=lambda of: lambda: (up,) * len(of),
        before=lambda name: Reading(t=5.0, name=name, value=3.0),
    )
    wanted = taken(
        (
            PromQL(name="hits", query="lab:redis_hit_ratio", every_s=2.0),
            SQL(name="orders", query="select count(*) from orders"),
            SQL(name="stock", query="select sum(on_hand) from stock", on="mysql"),
            HTTP(name="health", path="/health/ready"),
            Containers(name="running", of="api", fact=Fact.RUNNING),
            Containers(name="restarts", of="api", fact=Fact.RESTARTS),
        ),
        witnesses,
    )
    assert [(one.name, one.every_s, one.take().value) for one in wanted] == [
        ("hits", 2.0, 0.25),
        ("orders", 5.0, 12.0),
        ("stock", 5.0, 7.0),
        ("health", 1.0, 0.0),
        ("running", 1.0, 3.0),
        ("restarts", 1.0, 3.0),
    ]
