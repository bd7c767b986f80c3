"""Judge a kept run by its journal alone, and write the reports."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lab import catalog
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
    """A run, its history and what came of it. *torn_bytes* of an unfinished last record were left out."""

    run: Run
    history: History
    report: Report
    runbook: Runbook
    torn_bytes: int

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
    scenario_id = _scenario_of(history, run)
    report = grade(as_run(catalog.find(scenario_id), history), history)
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario_id}.md")
    return Judged(run=run, history=history, report=report, runbook=runbook, torn_bytes=found.torn_bytes)


def _scenario_of(history: History, run: Run) -> str:
    for record in history:
        if isinstance(record, Event) and record.kind == "run_started":
            return str(record.detail["scenario"])
    raise UsageError(f"the journal of run {run.id} does not say which scenario it was: the run never began")
