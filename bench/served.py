"""What users saw between two times, from the load's own log."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

GOOD = frozenset({"ok", "expected"})


@dataclass(frozen=True, kw_only=True)
class Served:
    """Requests that were due in a span of time, the share that ended well, and how long 95% of them took."""

    requests: int
    success_ratio: float
    p95_ms: float


def served(log: Path, *, start_t: float, end_t: float) -> Served:
    """Count the requests that were due from *start_t* to *end_t* (unix seconds)."""
    with log.open(encoding="utf-8", newline="") as file:
        return count(csv.DictReader(file), start_t=start_t, end_t=end_t)


def count(rows: Iterable[dict[str, str]], *, start_t: float, end_t: float) -> Served:
    """The same, from the rows of a log."""
    good = 0
    took_s = []
    for row in rows:
        due = float(row["scheduled"])
        if start_t <= due < end_t:
            good += row["result"] in GOOD
            took_s.append(float(row["end"]) - due)
    if not took_s:
        raise ValueError(f"the log holds no request from {start_t:.0f} to {end_t:.0f}")
    took_s.sort()
    return Served(
        requests=len(took_s),
        success_ratio=good / len(took_s),
        p95_ms=1000 * took_s[min(len(took_s) - 1, int(0.95 * len(took_s)))],
    )
