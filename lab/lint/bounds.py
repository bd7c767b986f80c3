"""Levels that no reading can reach, by what each can be."""

import re
from math import inf
from typing import TypeAlias

from lab.readings import HTTP, SQL, Containers, Declared, PromQL
from lab.scenario import LevelAbove, LevelBelow

Range: TypeAlias = tuple[float, float]

ANY, COUNT, SHARE = (-inf, inf), (0.0, inf), (0.0, 1.0)
COUNTS_ROWS = re.compile(r"\s*select\s+count\s*\(.*?\)\s*(as\s+\w+\s+)?(from\b|$)", re.IGNORECASE | re.DOTALL)
COUNTS_SERIES = re.compile(r"\s*count\s*(\(|by\b|without\b)", re.IGNORECASE)
RATIO = re.compile(r"_ratio$")


def of_bound(probe: LevelBelow | LevelAbove) -> list[str]:
    """Whether nothing can meet its bound, or everything does."""
    lowest, highest = _range(probe.reading)
    match probe:
        case LevelBelow(at_most=at_most) if at_most < lowest:
            return [f"at_most is {at_most:g}: no reading is below {lowest:g}"]
        case LevelAbove(at_least=at_least) if at_least > highest:
            return [f"at_least is {at_least:g}: no reading is above {highest:g}"]
        case LevelAbove(at_least=at_least) if at_least <= lowest:
            return [f"at_least is {at_least:g}: every reading is that much"]
        case _:
            return []


def _range(reading: str | Declared) -> Range:
    """The least and the most that a reading can be, as far as it can be told."""
    if RATIO.search(reading if isinstance(reading, str) else reading.name):
        return SHARE
    match reading:
        case HTTP():
            return SHARE
        case str() | Containers():
            return COUNT
        case SQL(query=query):
            return COUNT if COUNTS_ROWS.match(query) else ANY
        case PromQL(query=query):
            return COUNT if COUNTS_SERIES.match(query) else ANY
