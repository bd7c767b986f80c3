"""Judges a run: a pure function of its scenario and its history."""

from lab.grade.judge import as_run, grade
from lab.grade.live import progress, unknown_since
from lab.grade.model import (
    Budget,
    Entry,
    Grade,
    HintTaken,
    HoldProgress,
    Measure,
    Milestone,
    Notice,
    Outage,
    Progress,
    Report,
    RouteView,
    Verdict,
)

__all__ = [
    "Budget",
    "Entry",
    "Grade",
    "HintTaken",
    "HoldProgress",
    "Measure",
    "Milestone",
    "Notice",
    "Outage",
    "Progress",
    "Report",
    "RouteView",
    "Verdict",
    "as_run",
    "grade",
    "progress",
    "unknown_since",
]
