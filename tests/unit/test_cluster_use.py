"""What `kubectl top` makes of the engine's counters."""

from collections.abc import Callable
from typing import Any

import pytest

from lab.referee.cluster.stats import SPAN_S, Stats

BOOTED_NS = 90 * 10**9
MIB = 2**20


class Engine:
    """One container that has run for long and uses a fifth of a core, on a clock of its own."""

    def __init__(self, *, gone_after: int = 99) -> None:
        self.now_s, self.reads, self._gone_after = 1000.0, 0, gone_after

    def stats(self, container: str, /, *, stream: bool, one_shot: bool) -> Any:
        self.reads += 1
        if self.reads > self._gone_after:
            return {"memory_stats": {}}
        used = BOOTED_NS + int(0.2e9 * (self.now_s - 1000.0))
        memory = {"usage": 30 * MIB, "stats": {"inactive_file": 10 * MIB}}
        before = {"cpu_usage": {"total_usage": 0}}  # of one reading alone the engine says nothing before it
        return {
            "memory_stats": memory,
            "cpu_stats": {"cpu_usage": {"total_usage": used}},
            "precpu_stats": before,
        }

    def pass_(self, seconds: float) -> None:
        self.now_s += seconds

    @property
    def now(self) -> Callable[[], float]:
        return lambda: self.now_s


def test_the_first_reading_is_no_rate_since_the_start() -> None:
    engine = Engine()
    stats = Stats(engine, now=engine.now, pause=engine.pass_)
    (usage,) = stats.usage(["a"]).values()
    assert usage.cores == pytest.approx(0.2)
    assert (usage.memory_bytes, engine.reads, engine.now_s) == (20 * MIB, 2, 1000.0 + SPAN_S)


def test_what_was_read_lately_is_what_the_next_reading_is_compared_with() -> None:
    engine = Engine()
    stats = Stats(engine, now=engine.now, pause=engine.pass_)
    stats.usage(["a"])
    engine.pass_(10.0)
    assert stats.usage(["a"])["a"].cores == pytest.approx(0.2)
    assert engine.reads == 3
    engine.pass_(600.0)
    assert stats.usage(["a"])["a"].cores == pytest.approx(0.2)
    assert engine.reads == 5


def test_a_container_that_ends_between_two_readings_is_left_out() -> None:
    engine = Engine(gone_after=1)
    assert Stats(engine, now=engine.now, pause=engine.pass_).usage(["a"]) == {}
