"""Levels of every kind, judged from literal histories."""

from dataclasses import replace

import pytest

from lab.grade import Grade, Verdict, grade, progress
from lab.grade.case import case_of
from lab.readings import SQL, Declared, PromQL
from lab.scenario import (
    Category,
    LevelAbove,
    LevelProbe,
    Objective,
    Scenario,
    TriggerSurvived,
    declared,
    hastened,
)
from tests.unit.histories import SCENARIO, T0, Drill, healthy, solved

HITS = PromQL(name="hits", query="lab:redis_hit_ratio")
SLOW = PromQL(name="hits", query="lab:redis_hit_ratio", every_s=5.0)


def above(reading: str | Declared = HITS) -> LevelAbove:
    return LevelAbove(reading=reading, at_least=0.5, unit="of reads")


def with_probe(probe: LevelProbe, *, hold_s: float = 60.0, recovers: bool = False) -> Scenario:
    """The toy scenario with one more required objective; *recovers*: the replay looks at it, too."""
    more = Objective(id="more", claim="c", probe=probe, category=Category.RESOLVED, points=0, hold_s=hold_s)
    objectives = tuple(
        replace(o, probe=replace(o.probe, recovered=("more",)))
        if recovers and isinstance(o.probe, TriggerSurvived)
        else o
        for o in SCENARIO.objectives
    )
    return replace(SCENARIO, objectives=(*objectives, more))


def reads(drill: Drill, lo: int, hi: int, value: float | None, *, every: int = 1) -> Drill:
    """The reading has *value* in [lo, hi), once in *every* seconds."""
    for s in range(lo, hi, every):
        drill.reading(s, value, "hits")
    return drill


def more(scenario: Scenario, drill: Drill) -> Grade:
    report = grade(scenario, drill.history())
    return next(g for g in report.grades if g.objective == "more")


def test_a_level_that_is_wanted_high_passes_where_it_is_high_and_says_who_was_asked() -> None:
    judged = more(with_probe(above()), reads(solved(), 0, 240, 0.9))
    assert judged.verdict is Verdict.PASS
    assert "hits: 0.9 of reads" in judged.because
    assert "wanted at least 0.5 for 60 s (Prometheus)" in judged.because
    assert judged.measure is not None
    assert (judged.measure.name, judged.measure.bound, judged.measure.wanted) == ("hits", 0.5, "at least")


def test_a_level_that_is_wanted_high_fails_where_it_is_low() -> None:
    drill = reads(reads(solved(), 0, 60, 0.9), 60, 240, 0.2)
    report = grade(with_probe(above()), drill.history())
    assert report.verdict is Verdict.FAIL
    assert report.resolved_t is None
    assert "last outside with 0.2" in more(with_probe(above()), drill).because


def test_a_reading_of_every_lab_can_be_wanted_high_by_its_name() -> None:
    drill = solved()
    for s in range(240):
        drill.reading(s, 0.4 if s < 200 else 0.6, "redis_hit_ratio")
    assert more(with_probe(above("redis_hit_ratio")), drill).verdict is Verdict.FAIL


def test_what_is_resolved_counts_from_when_the_level_was_back() -> None:
    drill = reads(reads(solved(), 0, 130, 0.2), 130, 240, 0.9)
    report = grade(with_probe(above()), drill.history())
    assert report.verdict is Verdict.PASS
    assert report.resolved_t == pytest.approx(T0 + 129.3)


def test_the_replay_wants_a_level_back_on_its_side() -> None:
    scenario = with_probe(above(), hold_s=3.0, recovers=True)
    back = reads(reads(solved(), 0, 240, 0.9), 195, 215, 0.1)
    assert grade(scenario, back.history()).verdict is Verdict.PASS
    late = reads(reads(solved(), 0, 240, 0.9), 195, 234, 0.1)
    report = grade(scenario, late.history())
    [resolved] = [g for g in report.grades if g.objective == "resolved"]
    assert resolved.verdict is Verdict.FAIL
    assert "hits 0.1" in resolved.because
    assert "wanted at least 0.5 within 30 s" in resolved.because


def test_a_reading_at_its_own_slower_pace_has_no_gap_between_two_of_them() -> None:
    assert more(with_probe(above(SLOW)), reads(solved(), 0, 240, 0.9, every=5)).verdict is Verdict.PASS
    assert more(with_probe(above(HITS)), reads(solved(), 0, 240, 0.9, every=5)).verdict is Verdict.UNKNOWN


def test_a_slow_reading_that_stays_away_is_a_gap() -> None:
    drill = reads(solved(), 0, 200, 0.9, every=5)
    judged = more(with_probe(above(SLOW)), reads(drill, 220, 240, 0.9, every=5))
    assert judged.verdict is Verdict.UNKNOWN
    assert "no reading for 25 s" in judged.because


@pytest.mark.parametrize("value", [None, 0.9])
def test_a_hold_in_which_nothing_was_read_shows_nothing(value: float | None) -> None:
    """However slow the pace: a gap may be as long as a short hold."""
    drill = reads(reads(solved(), 0, 225, 0.9, every=5), 233, 234, value)
    verdict = Verdict.PASS if value else Verdict.UNKNOWN
    assert more(with_probe(above(SLOW), hold_s=10.0), drill).verdict is verdict


def test_a_restart_of_prometheus_leaves_unknown_what_it_was_asked() -> None:
    drill = reads(solved(), 0, 240, 0.9).event(100, "watcher_restarted")
    assert more(with_probe(above()), drill).verdict is Verdict.UNKNOWN


def test_one_that_was_never_read_is_unknown() -> None:
    judged = more(with_probe(above()), solved())
    assert (judged.verdict, judged.because) == (Verdict.UNKNOWN, "hits was never read (Prometheus)")


def test_a_running_drill_holds_while_the_level_is_on_its_side() -> None:
    scenario = with_probe(above(SLOW))
    drill = reads(reads(healthy(), 0, 210, 0.9, every=5), 212, 240, 0.9, every=5)
    held = [level.held_s for level in progress(scenario, drill.history(), T0 + 240).levels]
    assert held[1] == 60.0
    reads(drill, 217, 218, 0.1)
    held = [level.held_s for level in progress(scenario, drill.history(), T0 + 240).levels]
    assert held[1] == pytest.approx(17.7)


def test_readings_that_come_late_are_no_clock_that_went_back() -> None:
    """Each kind is written down in its own order; a slow one may be older than what came before it."""
    drill = reads(solved(), 0, 240, 0.9, every=5)
    records = list(drill.history())
    late = [r for r in records if getattr(r, "name", "") == "hits" and r.t < T0 + 100]
    rest = [r for r in records if r not in late and getattr(r, "name", "") != "hits"]
    assert case_of(SCENARIO, (*rest, *late)).clock_back is None
    assert case_of(SCENARIO, (*rest, *reversed(late))).clock_back is not None


def test_each_declared_reading_is_taken_once_and_quicker_in_a_hastened_run() -> None:
    scenario = with_probe(above(SLOW))
    twice = replace(scenario, objectives=(*scenario.objectives, scenario.objectives[-1]))
    assert declared(twice) == (SLOW,)
    assert [r.every_s for r in declared(hastened(scenario, 2.0))] == [2.5]
    assert [r.every_s for r in declared(hastened(scenario, 30.0))] == [1.0]
    assert declared(SCENARIO) == ()


def test_what_prometheus_was_not_asked_is_known_whatever_became_of_it() -> None:
    asked = SQL(name="hits", query="select 1", every_s=1.0)
    drill = reads(solved(), 0, 240, 0.9).event(100, "watcher_restarted")
    judged = more(with_probe(above(asked)), drill)
    assert judged.verdict is Verdict.PASS
    assert judged.because.endswith("(a query of PostgreSQL)")


def test_a_level_whose_last_reading_is_outside_has_not_come_back() -> None:
    """At a slow pace nothing may be read at the very end of the time that it has."""
    drill = reads(reads(solved(), 0, 200, 0.9, every=5), 200, 227, 0.1, every=5)
    report = grade(with_probe(above(SLOW), hold_s=15.0, recovers=True), drill.history())
    [resolved] = [g for g in report.grades if g.objective == "resolved"]
    assert resolved.verdict is Verdict.FAIL
    assert "hits 0.1" in resolved.because
