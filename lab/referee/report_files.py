"""The report of an ended run: made from the journal, written beside it, answered from memory."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.grade import grade
from lab.history.journal import read_history
from lab.history.records import Event
from lab.history.reserve import Reserve
from lab.referee.files import Owner
from lab.report import dumps, write_all
from lab.report.text import render
from lab.runbook import Runbook
from lab.scenario import Scenario

LOG = logging.getLogger("referee")


class ReportFiles:
    """Makes the report once; asked again it gives the same one."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        runbook: Runbook,
        run_dir: Path,
        owner: Owner,
        unwritten: Callable[[], Sequence[Event]] = tuple,
        reserve: Reserve | None = None,
    ) -> None:
        self._scenario = scenario
        self._runbook = runbook
        self._run_dir = run_dir
        self._owner = owner
        self._unwritten = unwritten
        self._reserve = reserve
        self._lock = threading.Lock()
        self._answer: Mapping[str, Any] | None = None

    def make(self) -> Mapping[str, Any]:
        """Judge the journal, write the files, and return the report with its *text*."""
        with self._lock:
            if self._answer is None:
                self._answer = self._made()
            return self._answer

    def _made(self) -> Mapping[str, Any]:
        history = (*read_history(self._run_dir / "journal.jsonl"), *self._unwritten())
        report = grade(self._scenario, history)
        if self._reserve is not None:
            self._reserve.give_up()
        try:
            for path in write_all(report, history, self._run_dir, runbook=self._runbook):
                self._owner.give(path)
        except OSError:
            # Whoever asks is answered all the same, and `lab regrade --write` makes the files later.
            LOG.exception("the report's files cannot be written")
        content: Mapping[str, Any] = json.loads(dumps(report))
        return {**content, "text": render(report)}
