"""Levels at the end, throughout and never: what each mode sees in a literal history, and what not."""

from dataclasses import replace

import pytest

from lab.grade import Grade, Report, Verdict, grade, progress
from lab.readings import SQL, Containers, Declared, Fact, PromQL
from lab.scenario import (
    Category,
    LevelAbove,
    LevelBelow,
    LevelProbe,
    Mode,
    Objective,
    Scenario,
)
from tests.unit.histories import SCENARIO, T0, Drill, healthy, solved, unsolved

ORDERS = SQL(name="watched", query="select count(*) from lost")
STARTS = Containers(name="watched", of="postgres", fact=Fact.RESTARTS)
EVICTED = PromQL(name="watched", query="redis_evicted_keys_total", counter=True)
PAGE, END = 66, 240


def below(mode: Mode, reading: Declared = ORDERS, *, at_most: float = 0.0) -> LevelBelow:
    return LevelBelow(reading=replace(reading, every_s=1.0), at_most=at_most, unit="orders", mode=mode)


def guarded(probe: LevelProbe) -> Scenario:
    more = Objective(id="guard", claim="c", probe=probe, category=Category.SAFETY)
    return replace(SCENARIO, objectives=(*SCENARIO.objectives, more))


def watched(values: dict[int, float | None], drill: Drill | None = None) -> Drill:
    """The reading changes at these seconds and stays until the next change; the drill is a solved one."""
    drill = drill or solved()
    value: float | None = None
    for s in range(END):
        value = values.get(s, value)
        drill.reading(s, value, "watched")
    return drill


def judged(probe: LevelProbe, drill: Drill) -> Grade:
    return next(g for g in report_of(probe, drill).grades if g.objective == "guard")


def report_of(probe: LevelProbe, drill: Drill) -> Report:
    return grade(guarded(probe), drill.history())


MODES = [Mode.AT_END, Mode.THROUGHOUT, Mode.NEVER]
P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("values", "verdicts"),
    [
        pytest.param({0: 0}, (P, P, P), id="in bounds all the time"),
        pytest.param({0: 3, 20: 0}, (P, P, P), id="out in the baseline only"),
        pytest.param({0: 0, 50: 1, 51: 0}, (P, P, F), id="out once before the page"),
        pytest.param({0: 0, 100: 1, 101: 0}, (P, F, F), id="out once while it was mitigated"),
        pytest.param({0: 0, 195: 1, 196: 0}, (P, F, F), id="out once in the replay"),
        pytest.param({0: 0, 239: 1}, (F, F, F), id="out at the very end"),
        pytest.param({0: 0, 100: None, 110: 0}, (P, U, U), id="away for a while"),
        pytest.param({0: 0, 40: None, 50: 0}, (P, P, U), id="away before the page"),
        pytest.param({0: 0, 230: None}, (U, U, U), id="away at the end"),
        pytest.param({0: 0, 100: 1, 101: None, 110: 0}, (P, F, F), id="out, then away"),
        pytest.param({0: 0, 225: 1, 230: None}, (U, F, F), id="out, then away at the end"),
        pytest.param({0: None}, (U, U, U), id="never read"),
        pytest.param({0: 0, 21: None}, (U, U, U), id="read in the baseline only"),
    ],
)
def test_each_mode_sees_its_own_time(values: dict[int, float | None], verdicts: tuple[Verdict, ...]) -> None:
    assert tuple(judged(below(mode), watched(values)).verdict for mode in MODES) == verdicts


@pytest.mark.parametrize("mode", MODES)
def test_a_series_that_went_stale_is_no_value_that_stayed(mode: Mode) -> None:
    """Nothing is written down any more, not even that it is missing."""
    drill = watched({0: 0})
    for s in range(200, END):
        drill.readings.pop((s, "watched"))
    grade_ = judged(below(mode), drill)
    assert grade_.verdict is U
    assert "no reading for 40 s from" in grade_.because


def test_the_because_has_value_bound_time_and_source() -> None:
    said = judged(below(Mode.THROUGHOUT), watched({0: 0, 100: 4, 101: 0}))
    assert said.because == (
        "watched: 4 orders at 22:15:00 UTC, wanted at most 0 throughout, from 22:14:26 UTC on "
        "(a query of PostgreSQL)"
    )
    assert said.evidence["outside"] == 1
    assert said.evidence["from_t"] == T0 + PAGE
    assert "at any time after the baseline" in judged(below(Mode.NEVER), watched({0: 0})).because
    assert "wanted at most 0 at the end" in judged(below(Mode.AT_END), watched({0: 0})).because


def test_a_guard_rail_can_be_a_floor() -> None:
    floor = LevelAbove(reading=replace(ORDERS, every_s=1.0), at_least=2.0, unit="pods", mode=Mode.THROUGHOUT)
    assert judged(floor, watched({0: 2})).verdict is P
    assert judged(floor, watched({0: 2, 100: 1, 102: 2})).verdict is F


def test_without_a_page_a_guard_rail_counts_from_what_users_felt() -> None:
    drill = watched({0: 0, 62: 1, 63: 0}).drop("page")
    assert judged(below(Mode.THROUGHOUT), drill).verdict is F
    assert judged(below(Mode.THROUGHOUT), watched({0: 0, 58: 1, 59: 0}).drop("page")).verdict is P


def test_what_a_stalled_machine_shows_is_held_against_a_guard_rail_by_nobody() -> None:
    """Damage is damage, whatever the machine did."""
    drill = watched({0: 0, 100: 1, 103: 0})
    drill.each(100, 103, lambda drill, s: drill.second(s, late_ms=900))
    assert judged(below(Mode.THROUGHOUT), drill).verdict is P
    assert judged(below(Mode.NEVER), drill).verdict is F


def test_a_machine_that_slept_leaves_no_gap() -> None:
    assert judged(below(Mode.THROUGHOUT), watched({0: 0}).asleep(75, 85)).verdict is P
    assert judged(below(Mode.NEVER), watched({0: 0}).asleep(75, 85)).verdict is P


def test_damage_is_a_fail_even_where_the_load_was_interfered_with() -> None:
    drill = watched({0: 0, 100: 1, 101: 0}).event(130, "load_interfered", what="the load was restarted")
    assert report_of(below(Mode.NEVER), drill).verdict is F
    assert report_of(below(Mode.THROUGHOUT), drill).verdict is U


def test_a_broken_guard_rail_fails_the_run_and_not_the_resolution() -> None:
    report = report_of(below(Mode.THROUGHOUT), watched({0: 0, 100: 1, 101: 0}))
    assert report.verdict is F
    assert report.resolved_t is not None
    at_end = report_of(below(Mode.AT_END), watched({0: 0, 235: 1}))
    assert (at_end.verdict, at_end.resolved_t) == (F, None)


def test_no_mode_but_held_keeps_the_replay_waiting() -> None:
    drill = watched({0: 1}, healthy())
    levels = {mode: progress(guarded(below(mode)), drill.history(), T0 + END).levels for mode in Mode}
    assert [level.held_s for level in levels[Mode.HELD]][1:] == [0.0]
    assert all(len(levels[mode]) == 1 for mode in MODES)


def test_of_a_counter_its_growth_counts_and_not_what_it_had_before() -> None:
    once = below(Mode.NEVER, STARTS, at_most=1.0)
    assert judged(once, watched({0: 7, 100: 8})).verdict is P
    twice = judged(once, watched({0: 7, 100: 8, 110: 9}))
    assert twice.verdict is F
    assert "watched: 2 orders more since 22:13:40 UTC at 22:15:10 UTC" in twice.because
    assert twice.measure is None
    assert judged(below(Mode.THROUGHOUT, STARTS), watched({0: 7, 50: 8})).verdict is P
    assert judged(below(Mode.AT_END, STARTS), watched({0: 7, 50: 8})).verdict is F


def test_a_counter_that_began_anew_goes_on_from_what_it_had() -> None:
    """What it shows after its restart was counted since: 900 to 905, then 4 more."""
    drill = watched({0: 900, 80: 905, 100: 0, 110: 4})
    assert judged(below(Mode.NEVER, EVICTED, at_most=9.0), drill).verdict is P
    judged_ = judged(below(Mode.NEVER, EVICTED, at_most=8.0), drill)
    assert judged_.verdict is F
    assert judged_.evidence["value"] == 9.0


def test_a_counter_shows_after_a_gap_what_was_in_it_unless_it_began_anew() -> None:
    probe = below(Mode.NEVER, EVICTED)
    assert judged(probe, watched({0: 900, 100: None, 120: 900})).verdict is P
    assert judged(probe, watched({0: 900, 100: None, 120: 901})).verdict is F
    assert judged(probe, watched({0: 900, 100: None, 120: 0})).verdict is U
    assert judged(probe, watched({0: None, 50: 900})).verdict is U
    assert judged(probe, watched({0: 900, 220: None})).verdict is U


def test_a_restart_of_prometheus_leaves_unknown_what_it_was_asked_and_nothing_else() -> None:
    drill = watched({0: 0}).event(100, "watcher_restarted")
    prometheus = below(Mode.NEVER, PromQL(name="watched", query="up"))
    assert judged(prometheus, drill).verdict is U
    assert judged(below(Mode.NEVER), drill).verdict is P


def test_an_idle_load_is_no_service_that_is_well() -> None:
    """Nobody asks, so nothing fails: levels are judged, and the run is unknown."""
    drill = watched({0: 0}).each(125, 239, lambda drill, s: drill.second(s, scheduled=0))
    report = report_of(below(Mode.NEVER), drill)
    assert report.verdict is U
    assert "load interfered" in " ".join(report.because)
    assert judged(below(Mode.NEVER), drill).verdict is P


def test_completions_that_freeze_while_arrivals_go_on_are_bad() -> None:
    """A hang: what was offered never ended, and no server counted an error."""
    drill = watched({0: 0}, unsolved()).outage(60, 240, result="timeout")
    report = report_of(below(Mode.NEVER), drill)
    assert report.verdict is F
    assert report.impact_t == pytest.approx(T0 + 60.1)


def test_an_old_journal_without_the_reading_is_unknown_and_the_rest_is_as_it_was() -> None:
    report = report_of(below(Mode.THROUGHOUT), solved())
    assert report.verdict is U
    assert {g.verdict for g in report.grades if g.objective != "guard"} == {P}
    assert "watched was not read throughout" in judged(below(Mode.THROUGHOUT), solved()).because
