"""When the machine stood still, by the ticks of the load: near those seconds no request tells of the shop."""

import csv
import time
from collections.abc import Callable
from pathlib import Path

from faults.wait import until

LATE_MS = 250.0
BEFORE_S, AFTER_S = 4, 2


def ticks(load_dir: Path) -> list[dict[str, float]]:
    """The load's ticks as they are now."""
    with (load_dir / "ticks.csv").open(encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def near_stalls(load_dir: Path) -> set[int]:
    """The seconds that are too near one in which the load could not keep time."""
    late = {int(tick["t"]) for tick in ticks(load_dir) if tick["late_ms"] > LATE_MS}
    return {t + near for t in late for near in range(-BEFORE_S, AFTER_S + 1)}


def apart_from_stalls(load_dir: Path) -> Callable[[dict[str, str]], bool]:
    """Whether a row of the per-request log was due in a second that tells something."""
    skipped = near_stalls(load_dir)
    return lambda row: int(float(row["scheduled"])) not in skipped


def calm_for(load_dir: Path, seconds: int, *, timeout_s: float = 120.0) -> None:
    """Wait until the log has as many seconds from now on that no stall is near."""
    since_t = time.time()

    def calm() -> bool | None:
        known = {int(t) for tick in ticks(load_dir) if (t := tick["t"] - BEFORE_S) >= since_t}
        return len(known - near_stalls(load_dir)) >= seconds or None

    until(calm, what=f"{seconds} s without a stall", timeout_s=timeout_s, every_s=0.2)
