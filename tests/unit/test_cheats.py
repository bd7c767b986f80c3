"""No cheat passes, in any scenario: each history is what the cheat would leave, at its best."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab import catalog
from lab.grade import Report, Verdict, grade
from lab.history.errors import JournalBroken
from lab.history.journal import Journal, read_history
from lab.scenario import Scenario
from tests.unit import cheats
from tests.unit.cheats import CHEATS, Stage, changes_something, clock_set_back, stage_of
from tests.unit.histories import SCENARIO as TOY
from tests.unit.histories import Drill

SCENARIOS = (TOY, *catalog.everything())
CELLS = [
    pytest.param(scenario, name, id=f"{scenario.id}-{name}")
    for scenario in SCENARIOS
    for name in CHEATS
    if changes_something(name, stage_of(scenario))
]
EACH = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)


def judged(stage: Stage, drill: Drill) -> Report:
    return grade(stage.scenario, drill.history())


@EACH
def test_what_they_are_made_of_passes_and_fails_as_it_should(scenario: Scenario) -> None:
    stage = stage_of(scenario)
    solved = judged(stage, cheats.solved(stage))
    assert solved.verdict is Verdict.PASS, solved.because
    assert judged(stage, cheats.unsolved(stage)).verdict is Verdict.FAIL


@pytest.mark.parametrize(("scenario", "name"), CELLS)
def test_no_cheat_passes(scenario: Scenario, name: str) -> None:
    stage = stage_of(scenario)
    report = judged(stage, CHEATS[name](stage))
    assert report.verdict is not Verdict.PASS
    assert report.because


@EACH
def test_a_clock_that_is_set_back_makes_the_verdict_unknown(scenario: Scenario) -> None:
    stage = stage_of(scenario)
    records = tuple(clock_set_back(cheats.solved(stage).history(), by_s=30))
    report = grade(stage.scenario, records)
    assert report.verdict is Verdict.UNKNOWN
    assert "the clock went back by" in report.because[0]
    slightly = tuple(clock_set_back(cheats.solved(stage).history(), by_s=1))
    assert grade(stage.scenario, slightly).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("load_stopped", "load interfered: the load was gone"),
        ("load_slowed", "load interfered: the load offered less"),
        ("load_sent_elsewhere", "900 missing"),
        ("load_sent_elsewhere_for_reading", "without the balancer seeing any"),
        ("balancer_answers_200", "success"),
        ("metrics_deleted", "no reading for"),
        ("prometheus_restarted", "the watcher was restarted"),
        ("everything_restarted", "replayed"),
        ("tables_truncated", "1500 missing"),
        ("limits_raised", "wanted at most 51"),
        ("false_ledger_entry", "1 missing"),
        ("ledger_unreadable", "could not be checked: line 7 of the ledger is no acknowledged write"),
        ("ledger_emptied", "the ledger has no order, and"),
        ("referee_killed", "no reading for"),
    ],
)
def test_the_reason_names_the_cheat(name: str, because: str) -> None:
    stage = stage_of(TOY)
    assert because in " ".join(judged(stage, CHEATS[name](stage)).because)


def test_nobody_watching_is_seen_where_no_level_is_judged_too() -> None:
    stage = stage_of(TOY)
    bare = tuple(o for o in stage.scenario.objectives if o.id not in ("connections", "resolved"))
    report = grade(replace(stage.scenario, objectives=bare), cheats.referee_killed(stage).history())
    assert report.verdict is Verdict.UNKNOWN
    assert "nobody watched for" in report.because[0]


def test_a_balancer_that_is_down_with_the_shop_is_no_interference() -> None:
    stage = stage_of(TOY)
    drill = cheats.unsolved(stage)
    cheats.hurt(drill, 60, stage.end, everybody=True)
    drill.each(60, stage.end, lambda drill, s: drill.reading(s, None, "lb_5xx_ratio"))
    assert judged(stage, drill).verdict is Verdict.FAIL


@pytest.mark.parametrize("how", ["changed", "removed", "inserted", "swapped"])
def test_a_journal_that_was_edited_is_not_judged(tmp_path: Path, how: str) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal.open(path) as journal:
        for record in cheats.unsolved(stage_of(TOY)).history():
            journal.append(record, durable=False)
    lines = path.read_text().splitlines()
    edited = {
        "changed": [*lines[:50], json.dumps({**json.loads(lines[50]), "t": 1.0}), *lines[51:]],
        "removed": [*lines[:50], *lines[51:]],
        "inserted": [*lines[:50], lines[49], *lines[50:]],
        "swapped": [*lines[:50], lines[51], lines[50], *lines[52:]],
    }[how]
    path.write_text("\n".join(edited) + "\n")
    with pytest.raises(JournalBroken, match="line 51"):
        read_history(path)


def test_a_journal_that_was_cut_short_does_not_pass() -> None:
    stage = stage_of(TOY)
    records = cheats.solved(stage).history()
    whole = next(n for n, record in enumerate(records) if getattr(record, "kind", "") == "hold_done")
    assert grade(stage.scenario, records[:whole]).verdict is not Verdict.PASS
