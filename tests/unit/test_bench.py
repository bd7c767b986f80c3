"""What the measurements compute from what they saw."""

import pytest

from bench.instants import HOLD_S, Distance, NotAlike, Reported, Scripted, distances, off, seen_by
from bench.kubectl import readiness_s
from bench.prober import EVERY_S, Answer, restored_at
from bench.served import count


def answers(*spans: tuple[float, bool]) -> list[Answer]:
    """Answers of one kind for so many seconds each, from time 0."""
    found, due = [], 0.0
    for seconds, good in spans:
        for _ in range(round(seconds / EVERY_S)):
            found.append(Answer(due_t=round(due, 3), good=good))
            due += EVERY_S
    return found


def test_restored_is_the_first_good_answer_whose_hold_is_good() -> None:
    assert restored_at(answers((5, True), (10, False), (61, True)), after_t=0, hold_s=60) == 15.0


def test_a_shop_that_fails_again_within_the_hold_was_not_restored_before() -> None:
    seen = answers((5, True), (5, False), (30, True), (5, False), (61, True))
    assert restored_at(seen, after_t=0, hold_s=60) == 45.0


def test_a_stray_failure_in_the_hold_is_forgiven() -> None:
    seen = answers((5, True), (5, False), (20, True), (0.1, False), (45, True))
    assert restored_at(seen, after_t=0, hold_s=60) == 10.0


def test_a_hold_that_was_not_watched_to_its_end_proves_nothing() -> None:
    assert restored_at(answers((5, True), (5, False), (30, True)), after_t=0, hold_s=60) is None


def test_without_an_outage_nothing_was_restored() -> None:
    assert restored_at(answers((90, True)), after_t=0, hold_s=60) is None


def test_requests_count_at_the_time_they_were_due() -> None:
    rows = [
        {"scheduled": "9.9", "end": "10.1", "result": "ok"},
        {"scheduled": "10.0", "end": "10.1", "result": "ok"},
        {"scheduled": "10.5", "end": "10.7", "result": "expected"},
        {"scheduled": "11.9", "end": "13.9", "result": "timeout"},
        {"scheduled": "12.0", "end": "12.1", "result": "ok"},
    ]
    seen = count(rows, start_t=10, end_t=12)
    assert seen.requests == 3
    assert seen.success_ratio == pytest.approx(2 / 3)
    assert seen.p95_ms == pytest.approx(2000)


def test_no_request_is_no_figure() -> None:
    with pytest.raises(ValueError, match="no request"):
        count([], start_t=0, end_t=1)


def test_readiness_is_from_the_programs_start_pod_after_pod() -> None:
    told = [
        (1.0, "a", "leaving"),
        (2.0, "c", "starting"),
        (2.5, "c", "not ready"),
        (4.0, "c", "ready"),
        (4.5, "d", "not ready"),
        (5.0, "d", "ready"),
        (6.0, "b", "not ready"),
    ]
    assert readiness_s(told) == pytest.approx(2.0)


HANG = Scripted(kind="hang", impact_t=100.0, restored_t=110.0)
FLAP = Scripted(kind="flap", impact_t=150.0, restored_t=190.0)


def test_each_scripted_outage_is_compared_with_the_reports_own() -> None:
    reported = [Reported(start_t=100.5, end_t=111.0), Reported(start_t=149.5, end_t=189.0)]
    assert distances([HANG, FLAP], reported) == (
        Distance(kind="hang", impact_s=0.5, restored_s=1.0),
        Distance(kind="flap", impact_s=-0.5, restored_s=-1.0),
    )


@pytest.mark.parametrize(
    "reported",
    [
        [],
        [Reported(start_t=150.0, end_t=None)],
        [Reported(start_t=150.0, end_t=160.0), Reported(start_t=170.0, end_t=190.0)],
        [Reported(start_t=20.0, end_t=30.0), Reported(start_t=150.0, end_t=190.0)],
    ],
    ids=["none", "no end", "a relief taken for the end", "one that nobody made"],
)
def test_a_report_with_other_outages_than_there_were_is_no_small_distance(reported: list[Reported]) -> None:
    with pytest.raises(NotAlike):
        distances([FLAP], reported)


def test_an_outage_in_which_the_load_stalled_is_left_out_and_said() -> None:
    reported = [Reported(start_t=100.5, end_t=111.0), Reported(start_t=30.0, end_t=35.0)]
    found = distances([HANG, FLAP], reported, late={33, 170})
    assert [(one.kind, one.stalled) for one in found] == [("hang", False), ("flap", True)]
    assert off(found, "hang") == {"impact": (0.5,), "restored-at": (1.0,)}
    assert off(found, "flap") == {"impact": (), "restored-at": ()}


def test_the_prober_saw_an_outage_once_its_hold_is_over() -> None:
    seen = answers((5, True), (10, False), (HOLD_S + 1, True))
    assert seen_by(seen, kind="errors", since_t=1) == Scripted(kind="errors", impact_t=5.0, restored_t=15.0)
    assert seen_by(seen[: -round(2 / EVERY_S)], kind="errors", since_t=1) is None
    assert seen_by(answers((60, True)), kind="errors", since_t=1) is None
