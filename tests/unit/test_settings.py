"""Settings that a scenario bounds: how they are read, and which ones lint refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from lab.grade import grade
from lab.history.records import Record
from lab.referee.errors import SampleError
from lab.referee.settings import MySQL, Postgres, Redis, settings
from lab.report.handled import handled
from lab.scenario import Bound
from lab.settings import ENGINES
from lab.stack.extras import CHOICES
from tests.unit.histories import SCENARIO, T0, solved
from tests.unit.linting import GOOD, said

if TYPE_CHECKING:
    from lab.referee.samplers.redis_server import RedisServer

MEMORY = Bound(on="redis", setting="maxmemory", at_least=100, at_most=200)
SLOTS = Bound(on="postgres", setting="max_connections", at_most=100)


@dataclass(frozen=True, kw_only=True)
class Set:
    """A server whose settings are these."""

    values: dict[str, float]

    def setting(self, name: str) -> float:
        if name not in self.values:
            raise SampleError(f"no setting {name}")
        return self.values[name]


def test_what_a_server_does_not_tell_is_left_out() -> None:
    servers = {"redis": Set(values={"maxmemory": 150.0}), "postgres": Set(values={})}
    assert settings((MEMORY, SLOTS), servers) == {"redis maxmemory": 150.0}


@dataclass
class Asked:
    """A database that remembers what it was asked."""

    query: str = ""

    def scalar(self, query: str) -> float:
        self.query = " ".join(query.split())
        return 7.0


def test_databases_are_asked_what_holds_for_everybody() -> None:
    postgres, mysql = Asked(), Asked()
    assert Postgres(database=postgres).setting("work_mem") == 7.0
    assert postgres.query.endswith("from pg_settings where name = 'work_mem'")
    assert MySQL(database=mysql).setting("read_only") == 7.0
    assert mysql.query == "select @@global.read_only"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """A Redis that answers CONFIG GET with this."""

    answer: list[str]

    @contextmanager
    def session(self) -> Iterator[Any]:
        yield lambda *_words: self.answer


@pytest.mark.parametrize("answer", [[], ["maxmemory-policy", "allkeys-lru"]])
def test_what_is_no_number_is_no_reading(answer: list[str]) -> None:
    with pytest.raises(SampleError, match="Redis, setting"):
        Redis(server=cast("RedisServer", Answers(answer=answer))).setting("x")
    told = Redis(server=cast("RedisServer", Answers(answer=["maxmemory", "1024"])))
    assert told.setting("maxmemory") == 1024


def ended(was: float | None, now: float | None) -> tuple[Record, ...]:
    drill = solved().drop("fingerprint")
    for s, when, value in ((21, "baseline", was), (232, "end", now)):
        told = {} if value is None else {"settings": {MEMORY.key: value}}
        drill.event(s, "fingerprint", when=when, schema="aa11", data="bb22", **told)
    return drill.history()


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (150, 150, None),
        (150, 180, None),
        (150, 201, "is 201 (it was 150), wanted at least 100 and at most 200"),
        (150, 99, "is 99 (it was 150), wanted at least 100 and at most 200"),
        (300, 300, None),
        (150, None, None),
        (None, 999, None),
    ],
)
def test_only_what_was_changed_beyond_its_bounds_is_told(
    was: float | None, now: float | None, told: str | None
) -> None:
    report = grade(replace(SCENARIO, bounds=(MEMORY,)), ended(was, now))
    lines = [line for line in handled(report) if line.startswith("Left out of bounds")]
    assert lines == ([] if told is None else [f"Left out of bounds: maxmemory of redis {told}."])
    assert report.verdict.value == "pass"
    assert report.started_t == T0


@pytest.mark.parametrize(
    ("bound", "problem"),
    [
        (SLOTS, ""),
        (replace(SLOTS, on="pay"), "no server with settings is called 'pay'"),
        (replace(SLOTS, on="mysql"), "the scenario has no service mysql"),
        (replace(SLOTS, setting="x'; drop table"), "is no setting's name"),
        (replace(SLOTS, at_most=None), "it bounds nothing"),
        (replace(SLOTS, at_least=101), "at_least 101 is more than at_most 100"),
    ],
)
def test_lint_refuses_bounds_that_nobody_can_read_or_that_bound_nothing(bound: Bound, problem: str) -> None:
    problems = said(replace(GOOD, bounds=(bound,)))
    assert (problem in problems[0]) if problem else problems == []


def test_settings_can_be_bounded_of_every_server_that_a_lab_can_have() -> None:
    shipped = Path(__file__).resolve().parents[2] / "compose" / "lab.yml"
    declared = shipped.read_text(encoding="utf-8")
    assert all(f"\n  {name}:\n" in declared for name in ENGINES)
    databases = {name for name in CHOICES if name.startswith(("postgres", "mysql", "redis"))}
    assert databases <= set(ENGINES)
