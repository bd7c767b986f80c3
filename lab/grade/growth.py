"""By how much a counter grew, whatever became of the process that counts."""

from collections.abc import Sequence
from dataclasses import replace

from lab.history.records import Reading


def growth(readings: Sequence[Reading], since_t: float) -> tuple[Reading, ...]:
    """The readings from *since_t* on as what was counted since then.

    A counter that fell was started anew: what it shows was counted since. The last value before *since_t* is
    where it counts from; without one it is the first value after it, for what was before that nobody saw.
    """
    before = [r.value for r in readings if r.value is not None and r.t <= since_t]
    last, total = (before[-1] if before else None), 0.0
    found = []
    for reading in readings:
        if reading.t <= since_t:
            continue
        if reading.value is not None:
            total += _step(last, reading.value)
            last = reading.value
        found.append(reading if reading.value is None else replace(reading, value=total))
    return tuple(found)


def _step(last: float | None, value: float) -> float:
    if last is None:
        return 0.0
    return value - last if value >= last else value
