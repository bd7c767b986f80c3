"""Guard rails on what users see: from the page to the end, whatever is done to mend the rest."""

from dataclasses import replace

import pytest

from lab import objectives
from lab.grade import Grade, Outcome, Report, Verdict, grade
from lab.scenario import Scenario
from tests.unit.histories import PER_S, SCENARIO, T0, Drill, healthy, solved, unsolved

P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
RAILED: Scenario = replace(SCENARIO, objectives=(*SCENARIO.objectives, objectives.goes_on("browse", 3)))


def report_of(drill: Drill) -> Report:
    return grade(RAILED, drill.history())


def rail(drill: Drill) -> Grade:
    return next(g for g in report_of(drill).grades if g.objective == "browse-goes-on")


def gone(drill: Drill, lo: int, hi: int, n: int = PER_S["browse"]) -> Drill:
    """Of those who browse, *n* a second are not served in [lo, hi); sign-ins as they were."""
    for s in range(lo, hi):
        hurt = {"login": 9, "checkout": 8, "register": 2} if 60 <= s < 120 else {}
        drill.second(s, bad={**hurt, "browse": n})
    return drill


@pytest.mark.parametrize(
    ("lo", "hi", "n", "verdict"),
    [
        pytest.param(0, 0, 0, P, id="served all the time"),
        pytest.param(55, 64, 23, P, id="before the page"),
        pytest.param(100, 104, 23, F, id="while it is mended"),
        pytest.param(150, 152, 23, F, id="in the hold"),
        pytest.param(195, 200, 23, F, id="in the replay"),
        pytest.param(66, 230, 1, F, id="a little, for long"),
        pytest.param(100, 110, 1, P, id="a little, and not for long"),
    ],
)
def test_what_worked_has_to_go_on(lo: int, hi: int, n: int, verdict: Verdict) -> None:
    assert rail(gone(solved(), lo, hi, n)).verdict is verdict


def test_a_broken_rail_fails_a_run_whose_cause_is_gone() -> None:
    report = report_of(gone(solved(), 100, 104))
    assert (report.verdict, report.outcome) == (F, Outcome.RESOLVED)
    [because] = report.because
    assert because.startswith("browse-goes-on: success of browse: ")
    assert "wanted at least 99% throughout; but far outside it at" in because


def test_a_rail_begins_no_outage_and_is_not_waited_for() -> None:
    held = report_of(gone(solved(), 100, 104))
    assert held.mitigated_t == report_of(solved()).mitigated_t
    calm = report_of(healthy())
    assert (calm.verdict, calm.impact_t) == (P, None)


def test_without_a_page_it_is_looked_at_from_the_impact_on() -> None:
    assert rail(solved().drop("page")).evidence["from_t"] == pytest.approx(T0 + 60, abs=1)
    assert rail(gone(unsolved(), 200, 204)).verdict is F


def test_a_stalled_second_says_nothing_against_it_and_hides_nothing_else() -> None:
    stalled = solved()
    stalled.second(150, bad={"browse": 23}, late_ms=900)
    assert rail(stalled).verdict is P
    assert rail(gone(stalled, 170, 174)).verdict is F


def test_a_load_that_was_gone_leaves_it_open() -> None:
    judged = rail(solved().without_load(140, 150))
    assert judged.verdict is U
    assert "the load was gone" in judged.because
