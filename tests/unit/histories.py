"""Builds literal histories: seconds of load, readings and events, said in few words.

Not a test module. Times are seconds after T0; usually impact is at 60, the fix at 120 and the replay at 190.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.history.records import LATENCY_EDGES_MS, Event, LoadSecond, Reading, Record, RouteSecond
from lab.scenario import (
    Accepted,
    Burst,
    Category,
    Diagnosed,
    LatencyP95,
    LedgerIntact,
    Level,
    LevelBelow,
    Load,
    LoadUntouched,
    Objective,
    Replay,
    Scenario,
    SuccessRatio,
    TriggerSurvived,
    Truth,
    Unchanged,
    Within,
)

T0 = 1_700_000_000
PER_S = {"browse": 23, "cart": 10, "login": 9, "checkout": 8, "history": 8, "register": 2}
RATE_PER_S = float(sum(PER_S.values()))


def bucket(took_ms: float) -> int:
    """The index of the histogram bucket that holds *took_ms*."""
    return next((i for i, edge in enumerate(LATENCY_EDGES_MS) if took_ms <= edge), len(LATENCY_EDGES_MS))


def route_second(
    n: int, *, t: float, bad: int = 0, expected: int = 0, took_ms: float = 12, result: str = "http_5xx"
) -> RouteSecond:
    """*n* requests of one route, of which some went wrong, spread evenly over the second."""
    counts = [0] * (len(LATENCY_EDGES_MS) + 1)
    counts[bucket(took_ms)] = n - bad
    if result == "timeout":
        counts[-1] = bad
    return RouteSecond(
        ok=n - bad - expected,
        expected=expected,
        bad={result: bad} if bad else {},
        latency_counts=tuple(counts),
        first_bad_t=t + 0.1 if bad else None,
        last_bad_t=t + 0.9 if bad else None,
    )


@dataclass
class Drill:
    """A history under construction."""

    length_s: int = 240
    seconds: dict[int, LoadSecond] = field(default_factory=dict)
    readings: dict[tuple[int, str], Reading] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        for s in range(self.length_s):
            self.second(s)
            self.reading(s, 20.0)

    def second(
        self,
        s: int,
        *,
        bad: Mapping[str, int] | None = None,
        expected: Mapping[str, int] | None = None,
        took_ms: float = 12,
        result: str = "http_5xx",
        late_ms: float = 3.0,
        scheduled: int | None = None,
    ) -> None:
        """Put one second of load at T0 + *s*."""
        t = float(T0 + s)
        routes = {
            name: route_second(
                n,
                t=t,
                bad=min(n, (bad or {}).get(name, 0)),
                expected=(expected or {}).get(name, 0),
                took_ms=took_ms,
                result=result,
            )
            for name, n in PER_S.items()
        }
        offered = round(RATE_PER_S) if scheduled is None else scheduled
        self.seconds[s] = LoadSecond(
            t=t, planned=RATE_PER_S, scheduled=offered, late_ms=late_ms, routes=routes
        )

    def each(self, lo: int, hi: int, put: Callable[["Drill", int], None]) -> "Drill":
        """Do something for each second of [lo, hi)."""
        for s in range(lo, hi):
            put(self, s)
        return self

    def outage(self, lo: int, hi: int, *, result: str = "http_5xx") -> "Drill":
        """Logins, checkouts and registrations fail in [lo, hi)."""
        failing = {"login": 9, "checkout": 8, "register": 2}
        return self.each(lo, hi, lambda drill, s: drill.second(s, bad=failing, result=result, took_ms=12))

    def slow(self, lo: int, hi: int, took_ms: float) -> "Drill":
        """All answers take *took_ms* in [lo, hi)."""
        return self.each(lo, hi, lambda drill, s: drill.second(s, took_ms=took_ms))

    def without_load(self, lo: int, hi: int) -> "Drill":
        """The load left no data in [lo, hi)."""
        for s in range(lo, hi):
            self.seconds.pop(s, None)
        return self

    def asleep(self, lo: int, hi: int) -> "Drill":
        """Nothing at all was recorded in [lo, hi)."""
        self.readings = {key: r for key, r in self.readings.items() if not lo <= key[0] < hi}
        return self.without_load(lo, hi)

    def reading(self, s: int, value: float | None, name: str = "connections") -> None:
        """Put one reading at T0 + *s*."""
        error = "" if value is not None else "no data"
        self.readings[s, name] = Reading(t=T0 + s + 0.3, name=name, value=value, error=error)

    def level(self, lo: int, hi: int, value: float | None) -> "Drill":
        """Connections stand at *value* in [lo, hi)."""
        return self.each(lo, hi, lambda drill, s: drill.reading(s, value))

    def event(self, s: float, kind: str, **detail: Any) -> "Drill":
        """Put an event at T0 + *s*."""
        self.events.append(Event(t=T0 + s, kind=kind, detail=detail))
        return self

    def drop(self, *kinds: str) -> "Drill":
        """Leave out the events of these kinds."""
        self.events = [event for event in self.events if event.kind not in kinds]
        return self

    def history(self) -> tuple[Record, ...]:
        """The finished history, oldest first."""
        records: list[Record] = [*self.events, *self.seconds.values(), *self.readings.values()]
        return tuple(sorted(records, key=lambda record: record.t))


def healthy() -> Drill:
    """Nothing goes wrong and nothing is done; graded at 190."""
    drill = Drill()
    drill.event(
        0,
        "run_started",
        run_id="r1",
        scenario="toy",
        lab="main",
        speed=1,
        calm=False,
        versions={"lab": "0.1"},
    )
    drill.event(5, "baseline_started").event(20, "baseline_ended", ok=True, because="")
    drill.event(21, "fingerprint", when="baseline", schema="aa11", data="bb22")
    drill.event(130, "grade_asked").event(190, "hold_done")
    drill.event(190, "replay_started").event(200, "replay_ended")
    drill.event(232, "fingerprint", when="end", schema="aa11", data="bb22")
    drill.event(236, "ledger", acknowledged=1500, missing=0, doubled=0, wrong_amount=0, unpaid=0, examples=[])
    return drill.event(239, "ended", why="graded")


def solved() -> Drill:
    """Users feel it at 60, it is fixed at 120 and stays fixed."""
    drill = healthy().outage(60, 120).level(45, 120, 85.0)
    drill.event(30, "injected", n=0, fault="BadRelease", receipt={})
    drill.event(66, "page", alert="HighErrorRate", summary="errors above 5%").event(75, "ack", by="trainee")
    drill.event(90, "status_update", text="sign-ins fail, we are on it")
    drill.event(
        100,
        "diagnosis",
        component="api release 2.4.0",
        fault="it is leaking connections",
        evidence="idle sessions",
    )
    return drill.event(
        110, "act", verb="rollback", object="api", detail={"revision": 1}, result="ok", who="trainee"
    )


def unsolved() -> Drill:
    """Users feel it at 60, and nobody does anything until the limit."""
    drill = healthy().outage(60, 240).level(45, 240, 85.0).drop("grade_asked", "hold_done")
    drill.drop("replay_started", "replay_ended").event(30, "injected", n=0, fault="BadRelease", receipt={})
    return drill.event(66, "page", alert="HighErrorRate", summary="").event(230, "limit_reached")


def _service(objective_id: str, probe: SuccessRatio | LatencyP95, points: int) -> Objective:
    return Objective(
        id=objective_id,
        claim=objective_id,
        probe=probe,
        category=Category.SERVICE,
        points=points,
        hold_s=60.0,
    )


def _time(milestone: str, limit_s: float) -> Objective:
    return Objective(
        id=f"{milestone}-in-time",
        claim=f"{milestone} within {limit_s:g} s",
        probe=Within(milestone=milestone, limit_s=limit_s),
        category=Category.TIMES,
        points=5,
        required=milestone == "resolved",
    )


SCENARIO = Scenario(
    id="toy",
    title="A toy",
    level=Level.FIRST_CALL,
    services=("postgres",),
    release="1",
    load=Load(rate_per_s=RATE_PER_S),
    timeline=(),
    objectives=(
        _service("overall", SuccessRatio(at_least_ratio=0.99), 15),
        _service("login", SuccessRatio(route="login", at_least_ratio=0.99), 10),
        _service("latency", LatencyP95(at_most_ms=500.0), 10),
        Objective(
            id="connections",
            claim="at most 51 sessions",
            probe=LevelBelow(reading="connections", at_most=51.0, unit="sessions"),
            category=Category.RESOLVED,
            points=5,
        ),
        Objective(
            id="resolved",
            claim="stays gone",
            probe=TriggerSurvived(served=("overall", "login"), recovered=("connections",)),
            category=Category.RESOLVED,
            points=10,
        ),
        Objective(id="ledger", claim="nothing lost", probe=LedgerIntact(), category=Category.DATA, points=10),
        Objective(
            id="schema",
            claim="schema unchanged",
            probe=Unchanged(fingerprint="schema"),
            category=Category.DATA,
            points=5,
        ),
        Objective(
            id="load", claim="load untouched", probe=LoadUntouched(), category=Category.SAFETY, points=5
        ),
        Objective(
            id="diagnosis",
            claim="named",
            probe=Diagnosed(),
            category=Category.DIAGNOSIS,
            points=10,
            required=False,
        ),
        _time("acknowledged", 300),
        _time("status_update", 600),
        _time("diagnosed", 1200),
        _time("resolved", 2700),
    ),
    replay=Replay(burst=Burst(route="login", rate_per_s=2.0, for_s=10.0), settle_s=30.0),
    truth=Truth(
        component=Accepted(words=("api", "2.4.0"), partial=("postgres",), others=("redis", "network")),
        fault=Accepted(words=("leak", "not closed"), partial=("too many connections",)),
        evidence=Accepted(words=("idle",), partial=("85",)),
    ),
)
