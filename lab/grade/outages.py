"""Where outages begin and end, over all service objectives together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from lab.grade.series import WINDOW_S, Series
from lab.scenario import LatencyP95

BAD_IN_A_ROW = 3


@dataclass(frozen=True, kw_only=True)
class Span:
    """An outage by index and by time; *end* is the first second of the hold that ended it, None where none
    did.
    """

    start: int
    start_t: float
    end: int | None
    end_t: float | None
    objectives: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Onset:
    """The first three bad windows in a row of one objective."""

    first: int
    last: int
    t: float


def hold_length_s(series: Sequence[Series]) -> int:
    """The hold that all objectives must share, in whole seconds."""
    return max((ceil(s.objective.hold_s) for s in series), default=0)


def outages(series: Sequence[Series], lo: int, hi: int) -> tuple[Span, ...]:
    """The outages that begin in [lo, hi), oldest first.

    One begins with three bad windows in a row and ends with the first instant from which all objectives hold
    together; what looks well for a shorter time is part of the outage.
    """
    found: list[Span] = []
    cursor = lo
    while (onset := _earliest(series, cursor, hi)) is not None:
        end = restored(series, onset.first, hi)
        if end == onset.first:  # so little that the hold bears it
            cursor = end + hold_length_s(series)
            continue
        found.append(
            Span(
                start=onset.first,
                start_t=onset.t,
                end=end,
                end_t=None if end is None else max(onset.t, restored_t(series, end, lo)),
                objectives=_failing(series, onset.first, hi if end is None else end),
            )
        )
        if end is None:
            break
        cursor = end + hold_length_s(series)
    return tuple(found)


def restored(series: Sequence[Series], lo: int, hi: int) -> int | None:
    """The first second in [lo, hi) from which every objective holds for the whole hold."""
    length = hold_length_s(series)
    for start in range(lo, hi - length + 1):
        if all(s.holds(start, start + length) for s in series):
            return start
    return None


def restored_t(series: Sequence[Series], start: int, lo: int) -> float:
    """The instant of restoration to better than a second.

    A hold bears a little, so it may begin with the last of what went wrong: that is still the outage.
    """
    tails = [t for s in series if (t := _tail_t(s, start, lo)) is not None]
    return max(tails, default=float(series[0].view.t0 + start))


def _tail_t(series: Series, start: int, lo: int) -> float | None:
    """When the outage that runs into *start* ended: its last bad request, or its last slow second."""
    last: float | None = None
    for i in range(max(lo, start - 1), min(start + WINDOW_S, series.view.n)):
        here = _ends_t(series, i)
        if here is None and i >= start:
            break
        last = here if here is not None else last
    return last


def _ends_t(series: Series, i: int) -> float | None:
    """The end of what was outside in second *i*, None where nothing worth it was."""
    if not isinstance(series.objective.probe, LatencyP95):
        return series.row.last_bad_t[i]
    counted, outside, _ = series.sums(i, i + 1)
    return float(series.view.t0 + i + 1) if outside > series.allowed_ratio * counted else None


def _earliest(series: Sequence[Series], lo: int, hi: int) -> _Onset | None:
    onsets = [onset for s in series if (onset := _onset(s, lo, hi)) is not None]
    return min(onsets, key=lambda onset: (onset.t, onset.last), default=None)


def _onset(series: Series, lo: int, hi: int) -> _Onset | None:
    in_a_row = 0
    for last in range(lo, hi):
        window = series.windows[last]
        in_a_row = in_a_row + 1 if window.bad and window.first >= lo else 0
        if in_a_row == BAD_IN_A_ROW:
            first = series.windows[last - BAD_IN_A_ROW + 1].first
            return _begin(series, first, last)
    return None


def _begin(series: Series, first: int, last: int) -> _Onset:
    """The first request outside the bound in seconds *first* … *last*."""
    for i in range(first, last + 1):
        bad_t = series.row.first_bad_t[i]
        if not isinstance(series.objective.probe, LatencyP95) and bad_t is not None:
            return _Onset(first=i, last=last, t=bad_t)
        counted, outside, _ = series.sums(i, i + 1)
        if outside > series.allowed_ratio * counted:
            return _Onset(first=i, last=last, t=float(series.view.t0 + i))
    return _Onset(first=first, last=last, t=float(series.view.t0 + first))


def _failing(series: Sequence[Series], lo: int, hi: int) -> tuple[str, ...]:
    """Which objectives had three bad windows in a row in [lo, hi)."""
    reach = min(hi + BAD_IN_A_ROW + 2, series[0].view.n)
    return tuple(s.objective.id for s in series if _onset(s, lo, reach) is not None)
