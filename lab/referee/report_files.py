"""The report of an ended run: made from the journal, written beside it, answered from memory."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.grade import grade
from lab.history.journal import read_history
from lab.referee.files import Owner
from lab.report import write_all
from lab.runbook import Runbook
from lab.scenario import Scenario


class ReportFiles:
    """Makes the report once; asked again it gives the same one."""

    def __init__(self, *, scenario: Scenario, runbook: Runbook, run_dir: Path, owner: Owner) -> None:
        self._scenario = scenario
        self._runbook = runbook
        self._run_dir = run_dir
        self._owner = owner
        self._lock = threading.Lock()
        self._answer: Mapping[str, Any] | None = None

    def make(self) -> Mapping[str, Any]:
        """Judge the journal, write the files, and return the report with its *text*."""
        with self._lock:
            if self._answer is None:
                self._answer = self._made()
            return self._answer

    def _made(self) -> Mapping[str, Any]:
        history = read_history(self._run_dir / "journal.jsonl")
        report = grade(self._scenario, history)
        for path in write_all(report, history, self._run_dir, runbook=self._runbook):
            self._owner.give(path)
        content: Mapping[str, Any] = json.loads(self._read("report.json"))
        return {**content, "text": self._read("report.txt")}

    def _read(self, name: str) -> str:
        return (self._run_dir / name).read_text(encoding="utf-8")
