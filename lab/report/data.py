"""A report as JSON: sorted, so that the same history gives the same bytes."""

import json
from dataclasses import asdict
from enum import Enum
from typing import Any

from lab.grade import Report

FORMAT = 1
"""Raised when a field changes its meaning or goes; new ones do not raise it."""


def as_dict(report: Report) -> dict[str, Any]:
    """Plain data, with what is worked out from it."""
    data = asdict(report, dict_factory=_plain)
    data["budget"]["burnt_ratio"] = round(report.budget.burnt_ratio, 4)
    return {"format": FORMAT, "exit_code": report.exit_code, **data}


def dumps(report: Report) -> str:
    """The text of report.json."""
    return json.dumps(as_dict(report), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in pairs}
