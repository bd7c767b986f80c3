"""What tempts in one scenario alone is told from what is wise there, by what was typed."""

import pytest

from lab import catalog
from lab.grade import grade
from lab.grade.traps import _recognise
from lab.history.records import Event
from lab.proof.cell import Law
from lab.proof.cells import cells_of
from lab.proof.matrix import objections_to
from lab.report.data import as_dict
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.unit import cheats


def recognised(scenario: str, text: str) -> str:
    """As what a statement is recognised in that scenario."""
    found = _recognise(Event(t=1.0, kind="sql", detail={"text": text}), catalog.find(scenario).traps)
    return found.id if found else ""


ENDING = "select pg_terminate_backend(pid) from pg_stat_activity where "
WHOM_THEY_NAME = (
    "select pg_terminate_backend(b) from (select unnest(pg_blocking_pids(pid)) b from pg_stat_activity"
    " where wait_event_type = 'Lock') held"
)
WHOM_ANY_NAMES = (
    "select pg_terminate_backend(h.pid) from pg_stat_activity h join pg_stat_activity w"
    " on h.pid = any (pg_blocking_pids(w.pid)) where w.wait_event_type = 'Lock'"
)


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        (ENDING + "wait_event_type = 'Lock'", "ended-waiters"),
        (ENDING + "cardinality(pg_blocking_pids(pid)) > 0", "ended-waiters"),
        ("SELECT pg_cancel_backend(pid) FROM pg_locks l WHERE NOT l.granted", "ended-waiters"),
        ("select pg_cancel_backend(113)", "cancelled-sessions"),
        (ENDING + "usename = 'billing'", "ended-sessions"),
        (WHOM_THEY_NAME, "ended-sessions"),
        (WHOM_ANY_NAMES, "ended-sessions"),
        ("alter role migrations nologin", "left-half-applied"),
        ("alter role billing nologin", "kept-out"),
    ],
)
def test_who_waits_is_told_from_who_holds_and_a_cancel_from_an_end(text: str, trap: str) -> None:
    assert recognised("checkout-hangs", text) == trap


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        ("alter system set hot_standby_feedback = on", "fed-back"),
        ("ALTER SYSTEM SET hot_standby_feedback TO 'on'", "fed-back"),
        ("alter system set hot_standby_feedback = off", ""),
    ],
)
def test_a_replica_that_feeds_back_is_a_trap_and_one_that_stops_to_is_none(text: str, trap: str) -> None:
    assert recognised("stale-reads", text) == trap


def test_a_replica_that_feeds_back_serves_users_for_good_and_fails_by_what_the_primary_keeps() -> None:
    scenario = catalog.find("stale-reads")
    runbook = read_runbook(checkout() / "runbooks" / "stale-reads.md")
    every = cells_of(runbook, trapped=scenario.trapped, cheats=False)
    [cell] = [cell for cell in every if cell.law is Law.TRAPPED and cell.name == "fed-back"]
    stage = cheats.stage_of(scenario)
    drill = cheats.solved(stage).drop("act")
    drill.event(cheats.CHEAT - 2, "sql", text="alter system set hot_standby_feedback = on", role="dba")
    fixed = as_dict(grade(stage.scenario, drill.history()))
    drill.each(cheats.CHEAT, stage.end, lambda drill, s: drill.reading(s, 900.0, "kept_for_replicas"))
    fed_back = as_dict(grade(stage.scenario, drill.history()))
    assert objections_to(cell, fed_back) == []
    assert "primary-keeps-up: kept_for_replicas: 900 transactions" in fed_back["because"][0]
    assert any("primary-keeps-up should have failed" in said for said in objections_to(cell, fixed))
