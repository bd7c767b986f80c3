"""`lab regrade` comes to the run's own result, and says what has changed since."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from faults.release import BadRelease
from lab import catalog
from lab.cli import run
from lab.declaration import digest
from lab.grade import grade
from lab.history.journal import Journal
from lab.history.records import Event
from lab.referee.files import Owner
from lab.referee.report_files import ReportFiles
from lab.report import write_all
from lab.runbook import read_runbook
from lab.scenario import Scenario, hastened, varied
from lab.stack.places import checkout
from lab.targets import targeted
from tests.unit import cheats
from tests.unit.cheats import Stage, stage_of
from tests.unit.histories import SCENARIO, Drill, solved


def ran(folder: Path, declared: Scenario, make: Callable[[Stage], Drill], **manner: object) -> Path:
    """A run's folder as its referee leaves it: a literal journal, judged by the scenario as it was run."""
    speed, targets = float(str(manner.get("speed", 1))), str(manner.get("targets", "standard"))
    seed = int(str(manner.get("seed", 0)))
    as_run = hastened(targeted(varied(declared, seed), targets), speed)
    drill = make(stage_of(as_run))
    drill.events = [
        replace(e, detail={**e.detail, **manner}) if e.kind == "run_started" else e for e in drill.events
    ]
    folder.mkdir()
    with Journal.open(folder / "journal.jsonl") as journal:
        for record in drill.history():
            journal.append(record, durable=isinstance(record, Event))
    runbook = read_runbook(checkout() / "runbooks" / f"{declared.id}.md")
    owner = Owner(uid=os.getuid(), gid=os.getgid())
    ReportFiles(scenario=as_run, runbook=runbook, run_dir=folder, owner=owner).make()
    return folder


@pytest.mark.parametrize(
    ("scenario_id", "make", "manner"),
    [
        ("max-connections", cheats.solved, {"speed": 3.0, "targets": "expert"}),
        ("checkout-hangs", cheats.unsolved, {"seed": 3, "targets": "learner"}),
        ("stale-reads", cheats.referee_killed, {"seed": 1}),
        ("stock-behind", cheats.tables_truncated, {}),
    ],
)
def test_it_prints_the_runs_own_report_to_the_byte(
    scenario_id: str,
    make: Callable[[Stage], Drill],
    manner: dict[str, object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    declared = catalog.find(scenario_id)
    folder = ran(tmp_path / "run", declared, make, **manner, declaration=digest(declared))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code = run(["regrade", str(folder), "--json", "--write"])
    printed = capsys.readouterr()
    assert printed.out.encode() == before["report.json"]
    assert printed.err == ""
    assert code == json.loads(printed.out)["exit_code"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        ({}, ""),
        ({"declaration": "0123456789ab"}, "was declared otherwise when this was run (0123456789ab, today "),
    ],
)
def test_it_says_when_the_scenario_is_declared_otherwise_today(
    noted: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ran(tmp_path / "run", catalog.find("max-connections"), cheats.solved, **noted)
    run(["regrade", str(folder)])
    err = capsys.readouterr().err
    assert said in err if said else err == ""


def test_a_declaration_has_one_hash_until_one_of_its_values_changes() -> None:
    scenario = catalog.find("max-connections")
    fault = scenario.timeline[0].fault
    assert isinstance(fault, BadRelease)
    same = replace(
        scenario,
        load=replace(scenario.load, options=dict(scenario.load.options), rate_per_s=60),
        timeline=(replace(scenario.timeline[0], fault=replace(fault)),),
    )
    assert digest(same) == digest(scenario)
    other = replace(fault, release="2.5.0")
    changed = (
        replace(scenario, limit_s=1.0),
        replace(scenario, timeline=(replace(scenario.timeline[0], fault=other),)),
        replace(scenario, load=replace(scenario.load, options={"gold_ratio": 0.4})),
        replace(scenario, objectives=scenario.objectives[1:]),
    )
    assert len({digest(scenario), *map(digest, changed)}) == 1 + len(changed)
    assert len({digest(one) for one in catalog.everything()}) == len(catalog.ids())


def test_reports_that_are_written_at_once_are_whole(tmp_path: Path) -> None:
    history = solved().history()
    report = grade(SCENARIO, history)
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(write_all, report, history, tmp_path) for _ in range(24)]
        paths = {path for one in done for path in one.result()}
    assert set(tmp_path.iterdir()) == paths
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o644}
