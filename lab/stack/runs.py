"""The runs that are kept under `.lab/runs`, newest first."""

import contextlib
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.errors import NoRun
from lab.stack.places import home


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is left of a run; *verdict* and *score* are None where it has no report."""

    id: str
    folder: Path
    verdict: str | None
    score: float | None

    @property
    def journal(self) -> Path:
        """Its history."""
        return self.folder / "journal.jsonl"


def kept() -> tuple[Run, ...]:
    """All runs, newest first: their ids begin with their time."""
    folders = sorted((home() / "runs").glob("*/"), key=lambda folder: folder.name, reverse=True)
    return tuple(_run(folder) for folder in folders)


def find(run: str) -> Run:
    """The run of that id, or of that folder or journal."""
    path = Path(run)
    for folder in (home() / "runs" / run, path, path.parent):
        if (folder / "journal.jsonl").is_file() and (folder != path.parent or path.name == "journal.jsonl"):
            return _run(folder.resolve())
    ids = [kept_run.id for kept_run in kept()]
    near = [known for known in ids if run and run in known] or difflib.get_close_matches(run, ids, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    latest = "\n".join(ids[:5])
    raise NoRun(f"no run {run!r} with a journal{meant}", hint=latest and f"the latest are\n{latest}")


def _run(folder: Path) -> Run:
    report = _report(folder)
    return Run(id=folder.name, folder=folder, verdict=report.get("verdict"), score=report.get("score"))


def _report(folder: Path) -> Mapping[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        report = json.loads((folder / "report.json").read_text())
        if isinstance(report, dict):
            return report
    return {}
