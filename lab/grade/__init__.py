"""Judges a run: a pure function of its scenario and its history."""

from lab.grade.findings import Budget, Downtime, Flag, Handling, Outcome
from lab.grade.judge import as_run, grade
from lab.grade.live import progress, unknown_since
from lab.grade.model import (
    Entry,
    Grade,
    HintTaken,
    Image,
    Measure,
    Milestone,
    Notice,
    Outage,
    Report,
    Verdict,
)
from lab.grade.standing import HoldProgress, Progress, RouteView

__all__ = [
    "Budget",
    "Downtime",
    "Entry",
    "Flag",
    "Grade",
    "Handling",
    "HintTaken",
    "HoldProgress",
    "Image",
    "Measure",
    "Milestone",
    "Notice",
    "Outage",
    "Outcome",
    "Progress",
    "Report",
    "RouteView",
    "Verdict",
    "as_run",
    "grade",
    "progress",
    "unknown_since",
]
