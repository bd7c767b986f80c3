"""The pacer under a clock of our own: it offers what is planned, whatever becomes of it."""

import csv
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from loadgen.log import REQUESTS_HEADER, TICKS_HEADER, RequestLog, TickLog
from loadgen.metrics import Metrics
from loadgen.pacer import Hands, Pacer
from loadgen.plan import IDLE, Burst, Plan
from loadgen.record import Record
from loadgen.schedule import Arrival
from loadgen.words import RESULTS, ROUTES, Outcome

START = 1_700_000_000.25


class Bench:
    """A pacer whose time is a number. *answers* tells whether visits end at once or never."""

    def __init__(self, folder: Path, *, plan: Plan, answers: bool = True, factor: float = 2.0) -> None:
        self.now = START
        self.plan = plan
        self.answers = answers
        self.ready = True
        self.visits: list[Arrival] = []
        self.folder = folder
        self.metrics = Metrics()
        self.record = Record(
            requests=RequestLog(folder / "requests.csv"),
            ticks=TickLog(folder / "ticks.csv"),
            metrics=self.metrics,
        )
        hands = Hands(
            clock=lambda: self.now,
            sleep=self._sleep,
            plan=lambda: self.plan,
            warm=lambda _: self.ready,
            visit=self._visit,
        )
        self.pacer = Pacer(hands=hands, record=self.record, seed=1, timeout_s=2.0, inflight_factor=factor)
        self._until = START

    def run(self, for_s: float) -> None:
        """Let the pacer run for so long."""
        self._until = self.now + for_s
        with pytest.raises(TimeoutError):
            self.pacer.run()

    def _sleep(self, seconds: float) -> None:
        if self.now >= self._until:
            raise TimeoutError
        self.now += seconds

    def _visit(self, arrival: Arrival) -> None:
        self.visits.append(arrival)
        if self.answers:
            self.record.finished(
                arrival, sent=self.now, end=self.now + 0.01, outcome=Outcome(result="ok", status=200)
            )

    def rows(self, name: str) -> list[dict[str, str]]:
        """A log as it is on disk now."""
        with (self.folder / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def count(self, name: str, **labels: str) -> float:
        """One metric's value."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    """Make a bench; close its files at the end."""
    made: list[Bench] = []

    def make(plan: Plan, **more: Any) -> Bench:
        made.append(Bench(tmp_path, plan=plan, **more))
        return made[-1]

    yield make
    for one in made:
        one.record.close()


def test_the_offer_is_the_same_whether_anybody_answers(bench: Any, tmp_path: Path) -> None:
    """A shop that answers nothing gets as many arrivals."""
    for answers in (True, False):
        one = bench(Plan(rate_per_s=60), answers=answers, factor=100)
        one.run(30)
        assert abs(len(one.visits) - 60 * 29.5) <= 31


def test_arrivals_start_when_they_are_due(bench: Any) -> None:
    """The pacer sleeps until the next one and no longer."""
    one = bench(Plan(rate_per_s=60))
    one.run(10)
    late_ms = [1000 * (float(r["sent"]) - float(r["scheduled"])) for r in one.rows("requests.csv")]
    assert 0 <= max(late_ms) < 1


def test_what_cannot_start_is_dropped_at_its_scheduled_time(bench: Any) -> None:
    """With nobody answering, rate x time-out x 2 are under way; the rest is dropped, logged and counted."""
    one = bench(Plan(rate_per_s=50), answers=False)
    one.run(10)
    dropped = [r for r in one.rows("requests.csv") if r["result"] == "dropped"]
    assert len(one.visits) == one.record.inflight == 200
    assert len(dropped) > 250
    assert all(r["status"] == "0" and float(r["scheduled"]) <= float(r["sent"]) for r in dropped)
    assert sum(one.count("loadgen_requests_total", route=r, result="dropped") for r in ROUTES) == len(dropped)
    assert sum(one.count("loadgen_request_duration_seconds_count", route=r) for r in ROUTES) == 0
    assert sum(one.count("loadgen_scheduled_total", route=r) for r in ROUTES) == len(dropped) + 200


def test_slowing_down_drops_nothing_that_is_held_up(bench: Any) -> None:
    """The bound goes by the largest rate so far: a lower plan must not make an outage look worse."""
    one = bench(Plan(rate_per_s=60), answers=False)
    one.run(2)
    one.plan = Plan(rate_per_s=5)
    one.run(5)
    assert not [r for r in one.rows("requests.csv") if r["result"] == "dropped"]


def test_nothing_happens_without_a_plan(bench: Any) -> None:
    """Idle, but alive: the ticks go on."""
    one = bench(IDLE)
    one.run(5)
    assert not one.visits
    assert [t["planned_total"] for t in one.rows("ticks.csv")] == ["0.000"] * 5


def test_a_change_of_plan_takes_effect_within_half_a_second(bench: Any) -> None:
    """From 20 to 100 a second, and to nothing."""
    one = bench(Plan(rate_per_s=20))
    one.run(5)
    before = len(one.visits)
    one.plan = Plan(rate_per_s=100)
    one.run(5)
    faster = len(one.visits) - before
    one.plan = Plan(rate_per_s=0)
    one.run(5)
    assert abs(faster - 5 * 100) <= 50
    assert len(one.visits) - before - faster <= 50


def test_a_burst_is_marked_in_the_log(bench: Any) -> None:
    """So that the judge can tell the replay's requests from the others."""
    burst = Burst(id="replay", route="login", rate_per_s=2, start=START + 3, for_s=10)
    one = bench(Plan(rate_per_s=10, bursts=(burst,)))
    one.run(20)
    marked = [r for r in one.rows("requests.csv") if r["burst"] == "replay"]
    assert len(marked) == 20
    assert {r["route"] for r in marked} == {"login"}


def test_no_arrival_is_counted_before_the_visitors_are_there(bench: Any) -> None:
    """While they sign in nothing is planned or offered; then all of the plan is."""
    one = bench(Plan(rate_per_s=60))
    one.ready = False
    one.run(3)
    assert not one.visits
    assert one.rows("ticks.csv")[-1]["planned_total"] == "0.000"
    one.ready = True
    one.run(3)
    assert len(one.visits) > 140


def test_ticks_hold_the_totals_at_each_whole_second(bench: Any) -> None:
    """Differences of neighbours are what was planned and offered in that second."""
    one = bench(Plan(rate_per_s=60))
    one.run(10)
    ticks = one.rows("ticks.csv")
    assert [float(t["t"]) for t in ticks] == [1_700_000_001 + i for i in range(10)]
    for before, after in pairwise(ticks):
        assert float(after["planned_total"]) - float(before["planned_total"]) == pytest.approx(60, abs=0.01)
        assert abs(int(after["scheduled_total"]) - int(before["scheduled_total"]) - 60) <= 1
    for tick in ticks:
        scheduled = [r for r in one.rows("requests.csv") if float(r["scheduled"]) < float(tick["t"])]
        assert len(scheduled) == int(tick["scheduled_total"])
        assert float(tick["late_ms"]) < 1


def test_a_stall_of_ours_is_lateness_and_not_an_outage(bench: Any) -> None:
    """After a minute asleep the ticks have a gap, the next says how late it is, and nobody is blamed."""
    one = bench(Plan(rate_per_s=60))
    one.run(5)
    one.now += 60
    one.run(5)
    assert {r["result"] for r in one.rows("requests.csv")} == {"ok"}
    ticks = one.rows("ticks.csv")
    gap_s, after = max((float(b["t"]) - float(a["t"]), float(b["late_ms"])) for a, b in pairwise(ticks))
    assert gap_s == pytest.approx(58, abs=1.1)
    assert after > 58_000
    missing = float(ticks[-1]["planned_total"]) - int(ticks[-1]["scheduled_total"])
    assert missing == pytest.approx(58 * 60, rel=0.02)


def test_a_short_stall_offers_everything_late(bench: Any) -> None:
    """Within the time-out all arrivals are still made, with their latency counted from when they were due."""
    one = bench(Plan(rate_per_s=60))
    one.run(5)
    one.now += 1.5
    one.run(5)
    last = one.rows("ticks.csv")[-1]
    assert abs(float(last["planned_total"]) - int(last["scheduled_total"])) <= 1


def test_all_series_exist_from_the_start() -> None:
    """A first error must not be lost to a series that was not there."""
    registry = Metrics().registry
    for route in ROUTES:
        assert registry.get_sample_value("loadgen_scheduled_total", {"route": route}) == 0
        assert registry.get_sample_value("loadgen_request_duration_seconds_count", {"route": route}) == 0
        for result in RESULTS:
            labels = {"route": route, "result": result}
            assert registry.get_sample_value("loadgen_requests_total", labels) == 0
    for name in ("loadgen_inflight", "loadgen_target_rps", "loadgen_late_seconds"):
        assert registry.get_sample_value(name) == 0


def test_logs_have_their_headers_once(tmp_path: Path) -> None:
    """A restarted load goes on in the same files."""
    for _ in range(2):
        RequestLog(tmp_path / "requests.csv").close()
        TickLog(tmp_path / "ticks.csv").close()
    assert (tmp_path / "requests.csv").read_text(encoding="utf-8") == REQUESTS_HEADER + "\n"
    assert (tmp_path / "ticks.csv").read_text(encoding="utf-8") == TICKS_HEADER + "\n"
