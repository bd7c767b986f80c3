"""How numbers and times read in a *because*."""

from datetime import UTC, datetime
from math import isinf

from lab.history.records import LATENCY_EDGES_MS


def clock(t: float) -> str:
    """A unix time as UTC time of day."""
    return datetime.fromtimestamp(t, UTC).strftime("%H:%M:%S UTC")


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    whole = round(seconds)
    if abs(seconds) < 10 and whole != seconds:
        return f"{seconds:.1f} s"
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def percent(ratio: float) -> str:
    """A share, finer the closer it is to all or nothing."""
    digits = 1 if 0.1 < ratio < 0.9 else 2
    return f"{ratio * 100:.{digits}f}".rstrip("0").rstrip(".") + "%"


def milliseconds(value: float | None) -> str:
    """A latency; past the histogram only that is known."""
    if value is None:
        return "none"
    return f"over {LATENCY_EDGES_MS[-1]} ms" if isinf(value) else f"{value:.0f} ms"


def number(value: float) -> str:
    """A number without a useless fraction."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    # A ratio of 0.48 is not the 0.5 that is wanted.
    return f"{value:.3g}" if abs(value) < 1 else f"{value:,.1f}"
