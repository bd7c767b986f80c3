"""What the ledger says of a run: losses, what the worker may still find, parts that could not be read."""

from typing import Any

import pytest

from lab.grade import Grade, Report, Verdict, grade
from tests.unit.histories import PER_S, SCENARIO, Drill, solved


def judged(drill: Drill) -> Report:
    return grade(SCENARIO, drill.history())


def of(report: Report, objective: str) -> Grade:
    return next(g for g in report.grades if g.objective == objective)


@pytest.mark.parametrize(
    ("taking", "verdict", "said"),
    [
        ({"stock_checked": 900}, Verdict.PASS, "all there once, with their amounts, payments and stock"),
        ({"stock_checked": 900, "stock_wrong": 2}, Verdict.FAIL, "2 whose stock was not taken as ordered"),
        (
            {"stock_checked": 900, "stock_unbalanced": 1},
            Verdict.FAIL,
            "1 products whose stock does not add up",
        ),
        (
            {"stock_checked": 900, "stock_left_twice": 1},
            Verdict.FAIL,
            "1 products of which more left than was shipped",
        ),
        ({}, Verdict.PASS, "all there once, with their amounts and payments ("),
    ],
)
def test_stock_belongs_to_the_ledger_where_it_is_counted(
    taking: dict[str, int], verdict: Verdict, said: str
) -> None:
    drill = solved().drop("ledger").event(236, "ledger", acknowledged=900, examples=[], **taking)
    grade = of(judged(drill), "ledger")
    assert grade.verdict is verdict
    assert said in grade.because


@pytest.mark.parametrize(
    ("followed", "verdict", "said"),
    [
        ({}, Verdict.PASS, "all there once, with their amounts and payments, shipped or to be shipped ("),
        ({"stream_lost": 2}, Verdict.FAIL, "900 acknowledged writes: 2 neither shipped nor in the stream ("),
        ({"stream_given_up": 1}, Verdict.FAIL, ": 1 given up by the worker, not shipped ("),
        (
            {"missing": 1, "stream_lost": 2, "stream_given_up": 3},
            Verdict.FAIL,
            "1 missing, 2 neither shipped nor in the stream, 3 given up by the worker, not shipped",
        ),
    ],
)
def test_orders_must_be_shipped_or_in_the_stream_where_there_is_a_worker(
    followed: dict[str, int], verdict: Verdict, said: str
) -> None:
    drill = solved().drop("ledger")
    drill.event(
        236,
        "ledger",
        acknowledged=900,
        stream_checked=850,
        examples=["order 1000007: paid 120 s ago, not shipped and not in the stream"],
        **followed,
    )
    report = judged(drill)
    grade = of(report, "ledger")
    assert (grade.verdict, report.verdict) == (verdict, verdict)
    assert said in grade.because
    assert grade.evidence["stream_lost"] == followed.get("stream_lost", 0)


def test_a_stream_that_could_not_be_read_is_unknown() -> None:
    drill = solved().drop("ledger").event(236, "ledger", error="Redis, as its administrator: away")
    grade = of(judged(drill), "ledger")
    assert grade.verdict is Verdict.UNKNOWN
    assert "could not be checked: Redis, as its administrator: away" in grade.because


UNTOLD: dict[str, Any] = {"acknowledged": 900, "stream_checked": 850, "stream_lost": 2, "examples": []}


@pytest.mark.parametrize(("missing", "verdict"), [(0, Verdict.UNKNOWN), (1, Verdict.FAIL)])
def test_orders_that_only_wait_to_be_found_are_no_fail_of_a_load_that_was_interfered_with(
    missing: int, verdict: Verdict
) -> None:
    drill = solved().drop("ledger").event(236, "ledger", **UNTOLD, missing=missing)
    assert judged(drill).verdict is Verdict.FAIL
    report = judged(drill.event(100, "load_interfered", what="the load was stopped"))
    assert of(report, "ledger").verdict is Verdict.FAIL
    assert report.verdict is verdict


@pytest.mark.parametrize(
    ("also", "verdict", "said"),
    [
        ({}, Verdict.PASS, "to be shipped, save 2 that may still be: hold and replay were not done ("),
        ({"missing": 1}, Verdict.FAIL, ": 1 missing, 2 neither shipped nor in the stream ("),
        ({"error": "MySQL: away"}, Verdict.UNKNOWN, "could not be checked: MySQL: away"),
    ],
)
def test_orders_that_may_still_be_found_are_held_against_nobody_before_the_replay_is_over(
    also: dict[str, Any], verdict: Verdict, said: str
) -> None:
    drill = solved().drop("ledger", "replay_started", "replay_ended", "hold_done", "grade_asked")
    drill.event(190, "limit_reached").event(236, "ledger", **UNTOLD, **also)
    grade = of(judged(drill), "ledger")
    assert grade.verdict is verdict
    assert said in grade.because


def test_what_was_found_lost_is_lost_whatever_else_could_not_be_read() -> None:
    drill = solved().drop("ledger")
    drill.event(236, "ledger", acknowledged=900, missing=2, examples=[], error="Redis: away")
    report = judged(drill)
    assert (of(report, "ledger").verdict, report.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert "900 acknowledged writes: 2 missing; not all could be checked: Redis: away (" in (
        of(report, "ledger").because
    )


def test_nothing_found_wrong_in_a_part_of_the_ledger_is_unknown() -> None:
    drill = solved().drop("ledger").event(236, "ledger", acknowledged=900, examples=[], error="Redis: away")
    assert of(judged(drill), "ledger").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("counted", [{"acknowledged": 0}, {"acknowledged": 90, "acknowledged_orders": 0}])
def test_a_ledger_without_an_order_is_unknown_where_checkouts_went_well(counted: dict[str, int]) -> None:
    drill = solved().drop("ledger").event(236, "ledger", **counted, missing=0, examples=[])
    report = judged(drill)
    assert (of(report, "ledger").verdict, report.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "the ledger has no order, and 1,440 checkouts went well" in of(report, "ledger").because


def test_what_such_a_ledger_lost_is_lost() -> None:
    drill = solved().drop("ledger")
    drill.event(236, "ledger", acknowledged=90, acknowledged_orders=0, missing=2, examples=[])
    assert of(judged(drill), "ledger").verdict is Verdict.FAIL


def test_an_empty_ledger_is_whole_where_no_checkout_went_well() -> None:
    drill = solved().drop("ledger").event(236, "ledger", acknowledged=0, missing=0, examples=[])
    drill.each(0, drill.length_s, lambda it, s: it.second(s, bad={"checkout": PER_S["checkout"]}))
    assert of(judged(drill), "ledger").verdict is Verdict.PASS
