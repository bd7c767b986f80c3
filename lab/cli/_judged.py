"""Judge a kept run by its journal alone, and write the reports."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import catalog
from lab.declaration import digest
from lab.errors import UsageError
from lab.grade import Report, as_run, grade
from lab.history.chain import scan
from lab.history.errors import JournalBroken
from lab.history.records import Event, History
from lab.report import write_all
from lab.runbook import Runbook, read_runbook
from lab.stack.places import checkout
from lab.stack.runs import Run

FILES = {"json": "report.json", "junit": "junit.xml", "html": "report.html"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A run, its history and what came of it. *torn_bytes* of an unfinished last record were left out.

    *redeclared*: the hashes of the scenario's declaration at the run and today, where they differ.
    """

    run: Run
    history: History
    report: Report
    runbook: Runbook
    torn_bytes: int
    redeclared: tuple[str, str] | None = None

    def write(self) -> None:
        """Write all reports beside the journal."""
        write_all(self.report, self.history, self.run.folder, runbook=self.runbook)

    def copy(self, wanted: dict[str, Path | None]) -> None:
        """Copy the reports of the kinds asked for to where they were asked for."""
        for kind, target in wanted.items():
            if target is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.run.folder / FILES[kind], target)


def judge(run: Run) -> Judged:
    """Judge *run*; JournalBroken where its chain of hashes does not hold."""
    found = scan(run.journal)
    if found.flaw is not None:
        raise JournalBroken(f"journal of run {run.id}: {found.flaw}", hint="it was changed after the run")
    history = found.records
    began = _began(history, run)
    scenario_id = str(began["scenario"])
    scenario = catalog.find(scenario_id)
    then, today = str(began.get("declaration", "")), digest(scenario)
    return Judged(
        run=run,
        history=history,
        report=grade(as_run(scenario, history), history),
        runbook=read_runbook(checkout() / "runbooks" / f"{scenario_id}.md"),
        torn_bytes=found.torn_bytes,
        redeclared=(then, today) if then and then != today else None,
    )


def _began(history: History, run: Run) -> Mapping[str, Any]:
    """What the run said of itself when it began."""
    for record in history:
        if isinstance(record, Event) and record.kind == "run_started":
            return record.detail
    raise UsageError(f"the journal of run {run.id} does not say which scenario it was: the run never began")
