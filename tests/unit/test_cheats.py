"""No cheat passes, in any scenario: each history is what the cheat would leave, at its best."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lab import catalog
from lab.grade import Report, Verdict, grade
from lab.history.errors import JournalBroken
from lab.history.journal import Journal, read_history
from lab.proof.cell import Law, Vantage
from lab.proof.cells import cells_of
from lab.proof.cheats import CHEATED_ON
from lab.proof.matrix import objections_to
from lab.report.data import as_dict
from lab.runbook import read_runbook
from lab.scenario import Scenario
from lab.stack.places import checkout
from tests.unit import cheats
from tests.unit.cheat_table import CHEATS, Cheat
from tests.unit.cheats import Stage, clock_set_back, stage_of
from tests.unit.histories import SCENARIO as TOY
from tests.unit.histories import Drill

SCENARIOS = (TOY, *catalog.everything())
CELLS = [
    pytest.param(scenario, cheat, id=f"{scenario.id}-{cheat.name}")
    for scenario in SCENARIOS
    for cheat in CHEATS
    if cheat.reaches(stage_of(scenario))
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


@pytest.mark.parametrize(("scenario", "cheat"), CELLS)
def test_no_cheat_passes_and_the_report_says_why(scenario: Scenario, cheat: Cheat) -> None:
    stage = stage_of(scenario)
    report = grade(stage.scenario, cheat.left(stage))
    assert report.verdict is cheat.verdict is not Verdict.PASS, report.because
    assert any(words in reason for words in cheat.because for reason in report.because), report.because


@pytest.mark.parametrize(("scenario", "cheat"), CELLS)
def test_a_cheat_is_seen_from_the_toolbox_and_gains_nothing_from_the_host(
    scenario: Scenario, cheat: Cheat
) -> None:
    """From the host it is unknown, or a fail whose outage, or whose loss, the report shows."""
    stage = stage_of(scenario)
    report = grade(stage.scenario, cheat.left(stage))
    traps = {notice.id for notice in report.notices if notice.tone == "trap"}
    if cheat.vantage is Vantage.TOOLBOX:
        assert report.verdict is Verdict.FAIL
        assert cheat.seen
        assert set(cheat.seen) <= traps
    else:
        assert report.verdict is Verdict.UNKNOWN or report.impact_t is not None


LIVE = {
    "restart-everything": cheats.everything_restarted,
    "delete-acknowledged": cheats.orders_deleted,
    "slow-load": cheats.load_slowed,
    "stop-load": cheats.load_removed,
    "edit-load-log": cheats.log_edited,
    "false-ledger-entry": cheats.false_ledger_entry,
    "maintenance-page": cheats.maintenance_page,
    "answer-200": cheats.balancer_answers_200,
    "restart-prometheus": cheats.prometheus_restarted,
    "drop-metric": cheats.metrics_deleted,
    "kill-referee": cheats.referee_away,
    "send-elsewhere": cheats.load_sent_elsewhere_for_reading,
}
"""What the live cheats leave at their best; what data and clock tell is in `CHEATS`."""


@pytest.mark.parametrize("name", LIVE)
def test_what_a_live_cheat_must_be_told_by_is_what_the_judge_says(name: str) -> None:
    """Of the cheat's own history, and of none where all is well."""
    scenario = catalog.find(CHEATED_ON)
    runbook = read_runbook(checkout() / "runbooks" / f"{CHEATED_ON}.md")
    [cell] = [one for one in cells_of(runbook) if one.law is Law.UNCHEATABLE and one.name == name]
    stage = stage_of(scenario)
    assert objections_to(cell, as_dict(judged(stage, LIVE[name](stage)))) == []
    told = replace(cell, want=frozenset({"pass"}))
    assert objections_to(told, as_dict(judged(stage, cheats.solved(stage))))


@EACH
def test_raised_limits_are_told_and_kept_ones_are_not(scenario: Scenario) -> None:
    stage = stage_of(scenario)
    left = judged(stage, cheats.limits_raised(stage)).handling.settings_left
    assert [(one.on, one.setting) for one in left] == [(b.on, b.setting) for b in scenario.bounds]
    kept = cheats.with_settings(cheats.solved(stage), stage, raised=False)
    assert judged(stage, kept).handling.settings_left == ()


@EACH
def test_a_clock_that_is_set_back_makes_the_verdict_unknown(scenario: Scenario) -> None:
    stage = stage_of(scenario)
    records = tuple(clock_set_back(cheats.solved(stage).history(), by_s=30))
    report = grade(stage.scenario, records)
    assert report.verdict is Verdict.UNKNOWN
    assert "the clock went back by" in report.because[0]
    slightly = tuple(clock_set_back(cheats.solved(stage).history(), by_s=1))
    assert grade(stage.scenario, slightly).verdict is Verdict.PASS


def test_nobody_watching_is_seen_where_no_level_is_judged_too() -> None:
    stage = stage_of(TOY)
    bare = tuple(o for o in stage.scenario.objectives if o.id not in ("connections", "resolved"))
    report = grade(replace(stage.scenario, objectives=bare), cheats.referee_killed(stage).history())
    assert report.verdict is Verdict.UNKNOWN
    assert "nobody watched for" in report.because[0]


def test_a_balancer_that_is_down_with_the_shop_is_no_interference() -> None:
    stage = stage_of(TOY)
    drill = cheats.unsolved(stage)
    cheats.hurt(drill, stage, 60, stage.end, everybody=True)
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
