"""Writes a judged run down for people, scripts and CI."""

from pathlib import Path

from lab.grade import Report
from lab.history.records import History
from lab.report import junit, page, text
from lab.report.data import dumps
from lab.runbook import Runbook

__all__ = ["dumps", "write_all"]


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
    """Put the file there at once: a reader never sees half of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(content, encoding="utf-8")
    part.replace(path)
    return path
