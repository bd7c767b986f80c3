"""What was measured: medians on the screen, all of it in a file."""

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity, measured as often as there are *values*; *at_most* is the budget, if it has one.

    The median is held to it, and where *worst_too* each single value.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    at_most: float | None = None
    at_least: float | None = None
    worst_too: bool = False

    @property
    def median(self) -> float:
        """The median of what was measured."""
        return statistics.median(self.values)

    @property
    def worst(self) -> float:
        """The lowest value where the budget is a least, else the highest."""
        return max(self.values) if self.at_least is None else min(self.values)

    @property
    def within(self) -> bool | None:
        """Whether what is judged is inside the budget, None where there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        judged = (self.median, self.worst) if self.worst_too else (self.median,)
        too_high = self.at_most is not None and max(judged) > self.at_most
        too_low = self.at_least is not None and min(judged) < self.at_least
        return not (too_high or too_low)


def figures_from(
    rows: Sequence[dict[str, float]], budgets: dict[str, tuple[str, float | None]]
) -> list[Figure]:
    """One figure per name in *budgets* (unit, at most), from one row per repetition."""
    found = []
    for name, (unit, at_most) in budgets.items():
        values = tuple(row[name] for row in rows if name in row)
        if values:
            found.append(Figure(name=name, unit=unit, values=values, at_most=at_most))
    return found


def outside(figures: Sequence[Figure]) -> tuple[str, ...]:
    """The names of those that are not inside their budget."""
    return tuple(figure.name for figure in figures if figure.within is False)


def table(figures: Sequence[Figure]) -> str:
    """The figures as text: median, spread, budget, and what part of it they are."""
    lines = [f"{'':34} {'median':>9} {'min':>9} {'max':>9} {'n':>3}  budget"]
    for figure in figures:
        low, high = min(figure.values), max(figure.values)
        numbers = f"{figure.median:9.4g} {low:9.4g} {high:9.4g} {len(figure.values):3}"
        lines.append(f"{figure.name:34} {numbers}  {_budget(figure)}")
    return "\n".join(lines)


def _budget(figure: Figure) -> str:
    limit = figure.at_most if figure.at_most is not None else figure.at_least
    if limit is None:
        return figure.unit
    sign = "<=" if figure.at_most is not None else ">="
    word = "ok" if figure.within else "OVER" if figure.at_most is not None else "UNDER"
    ratio = f", {figure.median / limit:.0%} of it" if limit else ""
    worst = f", the worst {figure.worst / limit:.0%}" if limit and figure.worst_too else ""
    return f"{sign} {limit:g} {figure.unit}: {word}{ratio}{worst}"


def save(subject: str, figures: Sequence[Figure], details: object = None) -> Path:
    """Write everything to a file of its own and return its path."""
    FOLDER.mkdir(exist_ok=True)
    now = time.time()
    path = FOLDER / f"{subject}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}.json"
    body = {
        "subject": subject,
        "t": now,
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "figures": [
            {
                "name": f.name,
                "unit": f.unit,
                "median": f.median,
                "worst": f.worst,
                "within": f.within,
                "values": f.values,
                "at_most": f.at_most,
                "at_least": f.at_least,
            }
            for f in figures
        ],
        "details": details,
    }
    path.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    return path
