"""Writes a judged run down for people, scripts and CI."""

import os
import tempfile
from pathlib import Path

from lab.grade import Report
from lab.history.records import History
from lab.report import junit, page, text
from lab.report.data import dumps
from lab.runbook import Runbook

__all__ = ["dumps", "write_all"]

MODE = 0o644


def write_all(
    report: Report, history: History, run_dir: Path, *, runbook: Runbook | None = None
) -> tuple[Path, ...]:
    """Write report.json, report.txt, junit.xml and report.html into *run_dir*; the JSON last.

    Who sees report.json sees the others too. With a *runbook* the page ends with its why and its prevention.
    """
    contents = {
        "report.txt": text.render(report),
        "junit.xml": junit.render(report),
        "report.html": page.render(report, history, runbook=runbook),
        "report.json": dumps(report),
    }
    return tuple(_replace(run_dir / name, content) for name, content in contents.items())


def _replace(path: Path, content: str) -> Path:
    """Put the file there at once: a reader never sees half of it, whoever else writes it at the same time."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), MODE)
            file.write(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
