"""Cheats as literal histories of any scenario: what each would leave in the journal, at its best.

Not a test module. Users feel it at 60; the cheat begins at 100, and the trainee says "I am done" at 130.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil

from lab.history.records import Reading, Record
from lab.referee.ledger import Reconciliation, garbled
from lab.scenario import LevelAbove, LevelProbe, Mode, Scenario, SuccessRatio, Unchanged
from tests.unit.histories import PER_S, RATE_PER_S, T0, Drill

IMPACT, CHEAT, ASKED = 60, 100, 130
TELLING = ("prom_success_ratio", "lb_5xx_ratio")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A scenario with the load of literal histories, and when its parts come."""

    scenario: Scenario
    hold_s: int
    replay: int
    end: int

    @property
    def levels(self) -> tuple[LevelProbe, ...]:
        """What its objectives read."""
        return tuple(o.probe for o in self.scenario.objectives if isinstance(o.probe, LevelProbe))

    @property
    def hurt(self) -> Mapping[str, int]:
        """Requests a second that fail while users feel it: none on a route that a guard rail watches."""
        probes = [o.probe for o in self.scenario.objectives if isinstance(o.probe, SuccessRatio)]
        watched = {probe.route for probe in probes if probe.mode is Mode.THROUGHOUT}
        return {name: n for name, n in PER_S.items() if name not in {"browse", "cart", *watched}}


def stage_of(scenario: Scenario) -> Stage:
    """The scenario, its load that of literal histories."""
    hold_s = ceil(max(o.hold_s for o in scenario.objectives))
    replay = ASKED + hold_s
    end = replay + ceil(scenario.replay.burst.for_s + scenario.replay.settle_s) + 10
    load = replace(scenario.load, rate_per_s=RATE_PER_S)
    return Stage(scenario=replace(scenario, load=load), hold_s=hold_s, replay=replay, end=end)


def solved(stage: Stage) -> Drill:
    """It is felt at 60 and gone at 100, by a roll-back; everything is as it should be."""
    drill = Drill(length_s=stage.end)
    prints = {o.probe.fingerprint: "aa" for o in stage.scenario.objectives if isinstance(o.probe, Unchanged)}
    drill.event(0, "run_started", run_id="r1", scenario=stage.scenario.id, lab="main", speed=1, calm=False)
    drill.event(20, "baseline_ended", ok=True).event(21, "fingerprint", when="baseline", **prints)
    drill.event(30, "injected", n=0, fault="x", receipt={})
    drill.event(66, "page", alert="HighErrorRate", summary="")
    drill.event(CHEAT - 2, "act", verb="rollback", object="api", detail={}, result="ok", who="trainee")
    drill.event(ASKED, "grade_asked").event(stage.replay, "hold_done")
    drill.event(stage.replay, "replay_started", start=T0 + stage.replay)
    drill.event(stage.replay + stage.scenario.replay.burst.for_s, "replay_ended")
    drill.event(stage.end - 4, "fingerprint", when="end", **prints)
    drill.event(stage.end - 3, "ledger", acknowledged=1500, missing=0, doubled=0, wrong_amount=0, unpaid=0)
    drill.event(stage.end - 1, "ended", why="graded")
    drill.each(0, stage.end, lambda drill, s: _read(drill, stage, s, hurt=IMPACT <= s < CHEAT))
    return hurt(drill, stage, IMPACT, CHEAT)


def unsolved(stage: Stage) -> Drill:
    """Nothing is done, and it never ends."""
    drill = hurt(solved(stage).drop("act"), stage, CHEAT, stage.end)
    return drill.each(CHEAT, stage.end, lambda drill, s: _read(drill, stage, s, hurt=True))


def hurt(
    drill: Drill, stage: Stage, lo: int, hi: int, *, result: str = "http_5xx", everybody: bool = False
) -> Drill:
    """Users are not served in [lo, hi)."""
    bad = PER_S if everybody else stage.hurt
    return drill.each(lo, hi, lambda drill, s: drill.second(s, bad=bad, result=result))


def _read(drill: Drill, stage: Stage, s: int, *, hurt: bool) -> None:
    for level in stage.levels:
        drill.reading(s, _value(level, hurt=hurt), level.name)
    share = sum(stage.hurt.values()) / RATE_PER_S if hurt else 0.0
    drill.reading(s, 1 - share, "prom_success_ratio")
    drill.reading(s, share, "lb_5xx_ratio")


def _value(level: LevelProbe, *, hurt: bool) -> float:
    """A value well out of its bounds or well inside."""
    out = (hurt and level.mode in (Mode.HELD, Mode.AT_END)) is not isinstance(level, LevelAbove)
    return level.bound * 1.5 + 1 if out else level.bound * 0.4 - 1


def load_stopped(stage: Stage) -> Drill:
    """No users, no errors."""
    return solved(stage).drop("act").without_load(CHEAT, stage.end)


def load_slowed(stage: Stage) -> Drill:
    """So few users that what is broken bears them."""
    drill = solved(stage).drop("act")
    return drill.each(CHEAT, stage.end, lambda drill, s: drill.second(s, scheduled=20))


def load_sent_elsewhere(stage: Stage) -> Drill:
    """Somebody else answers, rightly: the balancer has nobody, and orders are not in this database."""
    drill = load_sent_elsewhere_for_reading(stage).drop("ledger")
    return drill.event(stage.end - 3, "ledger", acknowledged=1500, missing=900, doubled=0)


def load_sent_elsewhere_for_reading(stage: Stage) -> Drill:
    """The same by somebody who takes no orders: the ledger is in order, and the balancer has nobody."""
    drill = solved(stage).drop("act")
    return drill.each(CHEAT, stage.end, lambda drill, s: drill.reading(s, None, "lb_5xx_ratio"))


def balancer_answers_200(stage: Stage) -> Drill:
    """All is well by status and in every server's metrics; the bodies are not what was asked for."""
    return hurt(solved(stage), stage, CHEAT, stage.end, result="wrong")


def maintenance_page(stage: Stage) -> Drill:
    """One page for everybody."""
    return hurt(solved(stage), stage, CHEAT, stage.end, everybody=True, result="wrong")


def zero_and_back(stage: Stage) -> Drill:
    """All pods away and back: it begins anew."""
    drill = hurt(solved(stage).drop("act"), stage, CHEAT, CHEAT + 8, everybody=True)
    drill.event(CHEAT - 1, "act", verb="scale", object="api", detail={"replicas": 0}, result="ok")
    drill.event(CHEAT + 3, "act", verb="scale", object="api", detail={"replicas": 2}, result="ok")
    return hurt(drill, stage, CHEAT + 45, stage.end)


def metrics_deleted(stage: Stage) -> Drill:
    """The number that would tell is not there any more."""
    drill = solved(stage).drop("act")
    for level in stage.levels:
        for s in range(CHEAT, stage.end):
            drill.reading(s, None, level.name)
    return drill


def prometheus_restarted(stage: Stage) -> Drill:
    """What it had seen is lost, and it begins with a clean slate."""
    return (
        solved(stage).drop("act").event(CHEAT, "watcher_restarted", what="prometheus", started_t=T0 + CHEAT)
    )


def everything_restarted(stage: Stage) -> Drill:
    """Well for as long as nobody asks for more: it comes back in the replay."""
    drill = solved(stage).drop("act")
    drill.event(CHEAT - 6, "act", verb="restart", object="api", detail={}, result="ok")
    drill.event(CHEAT - 5, "act", verb="restart-database", object="postgres", result="ok")
    drill.event(CHEAT - 3, "database_restarted", name="postgres", started_t=T0 + CHEAT - 4)
    return hurt(drill, stage, stage.replay + 4, stage.end)


def orders_deleted(stage: Stage) -> Drill:
    """What was paid lately is not there any more."""
    drill = solved(stage).event(CHEAT - 3, "sql", text="delete from payments where true", role="dba")
    drill.drop("ledger")
    return drill.event(stage.end - 3, "ledger", acknowledged=1500, missing=0, unpaid=50)


def load_removed(stage: Stage) -> Drill:
    """The same as a load that stopped, and the referee saw its container end."""
    drill = load_stopped(stage)
    return drill.event(CHEAT + 2, "load_interfered", what="the load generator is exited", name="load")


def log_edited(stage: Stage) -> Drill:
    """Nothing is mended; the load's log says otherwise, and not what the referee has read there."""
    return unsolved(stage).event(
        CHEAT, "load_interfered", what="requests.csv was written over", name="requests.csv"
    )


def referee_away(stage: Stage) -> Drill:
    """Nothing is mended, and nobody watches for a while."""
    return unsolved(stage).event(CHEAT, "referee_started", resumed=True, torn_bytes=0)


def tables_truncated(stage: Stage) -> Drill:
    """An empty table is a quick one."""
    drill = solved(stage).event(CHEAT - 3, "sql", text="truncate orders cascade", role="dba")
    ends = [e for e in drill.events if e.kind == "fingerprint" and e.detail["when"] == "end"]
    for event in ends:
        drill.events.remove(event)
        drill.event(event.t - T0, "fingerprint", **{**event.detail, "data": "bb"})
    if "data" in ends[0].detail:
        return drill  # old rows alone: what was acknowledged since is there
    drill.drop("ledger")
    return drill.event(stage.end - 3, "ledger", acknowledged=1500, missing=1500, doubled=0)


def limits_raised(stage: Stage) -> Drill:
    """Room for what leaks, so that users are served; it is far out of its bounds."""
    drill = solved(stage).drop("act").event(CHEAT - 3, "sql", text="alter system set max_connections = 5000")
    for level in stage.levels:
        for s in range(CHEAT, stage.end):
            drill.reading(s, _value(level, hurt=True), level.name)
    return with_settings(drill, stage, raised=True)


def with_settings(drill: Drill, stage: Stage, *, raised: bool) -> Drill:
    """The servers say what they are set to: inside of every bound, and at the end perhaps far beyond."""
    inside = {b.key: b.at_most if b.at_least is None else b.at_least for b in stage.scenario.bounds}
    beyond = {b.key: b.at_most * 50 + 1 if b.at_most is not None else -1 for b in stage.scenario.bounds}
    prints = [event for event in drill.events if event.kind == "fingerprint"]
    for event in prints:
        left = beyond if raised and event.detail["when"] == "end" else inside
        drill.events.remove(event)
        drill.event(event.t - T0, "fingerprint", **{**event.detail, "settings": left})
    return drill


def false_ledger_entry(stage: Stage) -> Drill:
    """An order in the ledger that nobody was ever promised: one that the database does not have."""
    drill = solved(stage).drop("ledger")
    return drill.event(stage.end - 3, "ledger", acknowledged=1501, missing=1, examples=["order 9"])


def ledger_unreadable(stage: Stage) -> Drill:
    """A ledger that was edited: it cannot be read to its end."""
    error = str(garbled(7, b'{"t": 1700000007.0, "kind": "ord\n'))
    return solved(stage).drop("ledger").event(stage.end - 3, "ledger", error=error)


def ledger_emptied(stage: Stage) -> Drill:
    """Nothing that was promised is looked for, though customers were told that their orders are theirs."""
    drill = solved(stage).drop("ledger")
    return drill.event(stage.end - 3, "ledger", **Reconciliation().detail())


def referee_killed(stage: Stage) -> Drill:
    """Nobody watches for half the hold; the load's own log is read up when the referee is back."""
    drill = solved(stage)
    lo, hi = stage.replay - stage.hold_s // 2, stage.replay - 2
    drill.readings = {key: r for key, r in drill.readings.items() if not lo <= key[0] < hi}
    return drill.event(hi, "referee_started", resumed=True, torn_bytes=0)


def clock_set_back(records: tuple[Record, ...], *, by_s: float) -> Iterator[Record]:
    """The same records in the same order, those of the hold told as if they were earlier."""
    for record in records:
        late = record.t >= T0 + CHEAT + 40
        yield replace(record, t=record.t - by_s) if late and isinstance(record, Reading) else record
