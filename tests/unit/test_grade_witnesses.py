"""Two witnesses beside the load's log: what they tell is compared, and never decides."""

import pytest

from lab.grade import Report, Verdict, grade
from tests.unit.histories import PER_S, RATE_PER_S, SCENARIO, Drill, healthy, solved

HURT = PER_S["login"] + PER_S["checkout"] + PER_S["register"]


def told(
    drill: Drill, lo: float, hi: float, *, depth: float = HURT / RATE_PER_S, late_s: float = 1.5
) -> Drill:
    """Both recorded ratios of an outage in [lo, hi): rates over five samples, *late_s* old."""
    for s in range(drill.length_s):
        t = s + 0.3 - late_s
        share = depth * max(0.0, min(t, hi) - max(t - 4, lo)) / 4
        drill.reading(s, 1 - share, "prom_success_ratio")
        drill.reading(s, share, "lb_5xx_ratio")
    return drill


def judged(drill: Drill) -> Report:
    return grade(SCENARIO, drill.history())


def ids(drill: Drill) -> list[str]:
    return [flag.id for flag in judged(drill).flags]


@pytest.mark.parametrize("late_s", [0.2, 1.5, 2.8])
def test_witnesses_that_agree_are_not_flagged_though_their_window_is_late(late_s: float) -> None:
    assert ids(told(solved(), 60, 120, late_s=late_s)) == []
    assert ids(told(healthy(), 0, 0)) == []


def test_without_other_witnesses_nothing_is_flagged() -> None:
    assert ids(solved()) == []


def test_a_small_outage_is_as_late_as_its_depth_makes_it() -> None:
    """Of 2% that fail, half the window must pass before 1% shows: the correction knows."""
    drill = healthy()
    drill.each(60, 120, lambda drill, s: drill.second(s, bad={"register": 2}))
    assert ids(told(drill, 60, 120, depth=2 / RATE_PER_S)) == []


@pytest.mark.parametrize(
    ("lo", "hi", "flags"),
    [
        (68, 120, ["prometheus-impact", "balancer-impact"]),
        (60, 112, ["prometheus-restored", "balancer-restored"]),
        (60, 240, ["prometheus-restored", "balancer-restored"]),
        (0, 0, ["prometheus-saw-nothing", "balancer-saw-nothing"]),
    ],
)
def test_witnesses_that_tell_another_time_are_flagged_and_change_no_verdict(
    lo: float, hi: float, flags: list[str]
) -> None:
    report = judged(told(solved(), lo, hi))
    assert [flag.id for flag in report.flags] == flags
    assert report.verdict is Verdict.PASS
    assert report.score == 100


def test_trouble_that_only_the_others_saw_is_flagged() -> None:
    assert ids(told(healthy(), 60, 90)) == ["prometheus-saw-more", "balancer-saw-more"]


def test_trouble_that_grows_slowly_is_not_dated_by_its_first_request_alone() -> None:
    """One request fails at 56 and one at 58, everybody's from 60 on: for the others it begins at 60."""
    drill = solved()
    for s in (56, 58):
        drill.second(s, bad={"login": 1})
    assert ids(told(drill, 60, 120)) == []


def test_a_flag_says_both_times_and_how_far_apart() -> None:
    (flag, _) = judged(told(solved(), 70, 120)).flags
    assert "22:14:20 UTC by the load's log" in flag.text
    assert " s apart, its 5 s window allowed for" in flag.text


def test_a_witness_that_was_silent_in_the_outage_is_flagged() -> None:
    drill = told(solved(), 60, 120)
    drill.each(50, 130, lambda drill, s: drill.reading(s, None, "prom_success_ratio"))
    assert ids(drill) == ["prometheus-silent"]


def test_the_balancer_is_not_asked_about_what_it_cannot_count() -> None:
    """Answers with a good status and a wrong body: the balancer counts none of them, and need not."""
    drill = told(solved().outage(60, 120, result="wrong"), 60, 120)
    drill.each(0, 240, lambda drill, s: drill.reading(s, 0.0, "lb_5xx_ratio"))
    assert ids(drill) == []


def test_a_time_out_is_told_when_it_is_over() -> None:
    drill = told(solved().outage(60, 120, result="timeout"), 62, 122)
    drill.each(0, 240, lambda drill, s: drill.reading(s, 0.0, "lb_5xx_ratio"))
    assert ids(drill) == []


def test_a_machine_that_stalled_near_it_excuses_a_witness() -> None:
    drill = told(solved(), 66, 120)
    drill.second(66, bad={"login": 9, "checkout": 8, "register": 2}, late_ms=900)
    assert ids(drill) == []


def test_an_end_that_came_too_late_for_the_others_to_see_is_not_held_against_them() -> None:
    drill = told(solved().outage(60, 184), 60, 240)
    assert ids(drill) == []


def test_a_witness_that_fell_silent_before_the_end_is_flagged_as_that() -> None:
    drill = told(solved(), 60, 120)
    drill.each(100, 240, lambda drill, s: drill.reading(s, None, "prom_success_ratio"))
    assert ids(drill) == ["prometheus-silent"]
