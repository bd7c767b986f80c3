"""Reads shares and percentiles off the latency histogram, linear inside a bucket."""

from collections.abc import Sequence
from math import inf

from lab.history.records import LATENCY_EDGES_MS


def slower_than(counts: Sequence[float], bound_ms: float) -> float:
    """How many took longer than *bound_ms*; what is past the last edge always did."""
    slower = float(counts[-1])
    lower = 0.0
    for edge, count in zip(LATENCY_EDGES_MS, counts, strict=False):
        if bound_ms <= lower:
            slower += count
        elif bound_ms < edge:
            slower += count * (edge - bound_ms) / (edge - lower)
        lower = float(edge)
    return slower


def percentile_ms(counts: Sequence[float], ratio: float) -> float | None:
    """The latency that *ratio* of all stay under; inf past the last edge, None of nothing."""
    total = sum(counts)
    if total <= 0:
        return None
    wanted, seen, lower = ratio * total, 0.0, 0.0
    for edge, count in zip(LATENCY_EDGES_MS, counts, strict=False):
        if count and seen + count >= wanted:
            return lower + (edge - lower) * (wanted - seen) / count
        seen += count
        lower = float(edge)
    return inf
