"""Verdicts where the machine slept or stalled, or somebody kept the load from its plan."""

from dataclasses import replace

import pytest

from lab.grade import Verdict
from tests.unit.histories import T0, Drill, healthy, solved, unsolved
from tests.unit.judging import judged, of


def test_a_machine_asleep_before_the_hold_is_a_gap_and_no_outage() -> None:
    drill = healthy().asleep(40, 100)
    report = judged(drill)
    assert report.impact_t is None
    assert report.verdict is Verdict.PASS
    assert "slept or stalled for 60 s" in of(report, "load").because


def test_a_machine_asleep_inside_the_judged_hold_makes_the_verdict_unknown() -> None:
    report = judged(solved().asleep(150, 170))
    assert report.verdict is Verdict.UNKNOWN
    assert "the machine slept" in of(report, "overall").because
    assert of(report, "resolved-in-time").verdict is Verdict.UNKNOWN


def test_a_stalled_host_is_unknown_and_no_outage() -> None:
    drill = healthy().each(60, 70, lambda drill, s: drill.second(s, bad={"login": 9}, late_ms=900))
    report = judged(drill)
    assert report.impact_t is None
    assert report.verdict is Verdict.PASS


def test_what_went_well_through_a_stall_went_well() -> None:
    """A stall only makes things worse: it excuses what was bad, and does not spoil what was good."""
    report = judged(solved().each(192, 197, lambda drill, s: drill.second(s, late_ms=900)))
    assert report.verdict is Verdict.PASS


def stalls_each(gap_s: int) -> Drill:
    """An outage that nobody ends, on a machine that stalls every *gap_s* seconds."""
    failing = {"login": 9, "checkout": 8, "register": 2}
    return unsolved().each(
        60, 240, lambda drill, s: drill.second(s, bad=failing, late_ms=900 if s % gap_s == 0 else 3)
    )


@pytest.mark.parametrize(("gap_s", "verdict", "felt"), [(15, "fail", True), (4, "unknown", False)])
def test_no_stall_hides_an_outage_that_is_there_between_stalls(gap_s: int, verdict: str, felt: bool) -> None:
    report = judged(stalls_each(gap_s))
    assert report.verdict.value == verdict
    assert (report.impact_t is not None) is felt


def test_a_load_that_was_late_all_along_offered_what_it_should() -> None:
    drill = unsolved()
    for s, second in drill.seconds.items():
        drill.seconds[s] = replace(second, late_ms=900)
    report = judged(drill)
    assert of(report, "load").verdict is Verdict.PASS
    assert report.verdict is Verdict.UNKNOWN
    assert "the machine stalled" in report.because[0]


@pytest.mark.parametrize(("bad", "back_at"), [({"login": 2}, 120), ({"login": 9, "cart": 9}, 129)])
def test_a_hold_bears_a_stall_if_it_is_inside_with_it(bad: dict[str, int], back_at: int) -> None:
    drill = solved()
    drill.second(125, bad=bad, late_ms=900)
    report = judged(drill)
    assert report.outages[-1].end_t == pytest.approx(T0 + back_at, abs=4)
    assert report.verdict is Verdict.PASS


def test_an_outage_that_is_only_near_stalls_is_the_machines() -> None:
    """Requests that wait behind a stall fail for a little longer than its reach."""
    failing = {"login": 9, "checkout": 5}
    late = {s: 900 if s < 66 else 3 for s in range(60, 70)}
    drill = healthy().each(60, 70, lambda drill, s: drill.second(s, bad=failing, late_ms=late[s]))
    report = judged(drill)
    assert report.impact_t is None
    assert report.verdict is Verdict.PASS


def test_a_machine_that_slept_excuses_even_what_is_far_outside() -> None:
    report = judged(unsolved().asleep(225, 229))
    assert report.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("until", [239, 150])
def test_a_load_that_was_stopped_is_interference_and_never_a_pass(until: int) -> None:
    report = judged(unsolved().without_load(80, until))
    assert report.verdict is Verdict.UNKNOWN
    assert "load interfered" in of(report, "load").because


def test_a_load_that_offers_less_than_its_plan_is_interference() -> None:
    drill = solved().each(125, 239, lambda drill, s: drill.second(s, scheduled=50))
    report = judged(drill)
    assert report.verdict is Verdict.UNKNOWN
    assert "load interfered" in of(report, "load").because


def test_a_pacer_that_is_a_beat_late_is_no_interference() -> None:
    drill = solved()
    for s in range(125, 235, 10):
        drill.second(s, scheduled=50)
        drill.second(s + 1, scheduled=70)
    assert judged(drill).verdict is Verdict.PASS


def test_an_event_of_interference_is_enough() -> None:
    drill = solved().event(130, "load_interfered", what="the load was restarted")
    report = judged(drill)
    assert report.verdict is Verdict.UNKNOWN
    assert "the load was restarted" in report.because[0]


def test_no_data_at_all_is_unknown() -> None:
    report = judged(solved().asleep(0, 240))
    assert report.verdict is Verdict.UNKNOWN
