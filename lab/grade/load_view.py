"""The load's seconds on one grid without holes, and what is known about each.

No data has three meanings, and they are told apart here: a second whose data are missing while other samples
went on is LOST (the load was stopped), one with no sample at all is ASLEEP (the machine was), one whose
pacer ran late is STALLED, one that was offered less than its plan is SHORT. None of these is an outage. The
load alive and answers missing is one: those requests are in the log, as time-outs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from math import floor

from lab.history.records import LATENCY_EDGES_MS, Event, History, LoadSecond, RouteSecond

MAX_LATE_MS = 200.0
STALL_REACH_S = 3
"""A stall reaches those who asked up to a time-out before it, and those who wait behind them afterwards."""
MIN_OFFERED_RATIO = 0.95
OFFERED_OVER_S = 5
MAX_EXPECTED_RATIO = 0.10
EXPECTED_OVER_S = 15
EXPECTED_MIN_REQUESTS = 20

BUCKETS = len(LATENCY_EDGES_MS) + 1


class Second(Enum):
    """What is known about one second of the load."""

    KNOWN = "known"
    STALLED = "the machine stalled"
    ASLEEP = "the machine slept"
    LOST = "the load was gone"
    SHORT = "the load offered less than its plan"


OURS = frozenset({Second.STALLED, Second.ASLEEP})
"""The machine's doing, not somebody's."""


@dataclass(frozen=True, kw_only=True)
class RouteRow:
    """One route (or all together), second by second. *expected* answers that are far too many count in
    *bad*.
    """

    ok: list[int]
    bad: list[int]
    expected: list[int]
    latency: list[Sequence[int]]
    first_bad_t: list[float | None]
    last_bad_t: list[float | None]


@dataclass(frozen=True, kw_only=True)
class LoadView:
    """Seconds *t0* … *t0 + n*; index i is the second that starts at t0 + i."""

    t0: int
    n: int
    status: tuple[Second, ...]
    routes: Mapping[str, RouteRow]
    overall: RouteRow
    planned: tuple[float, ...] = field(default=())
    scheduled: tuple[int, ...] = field(default=())

    def row(self, route: str | None) -> RouteRow:
        """The row of *route*, all together for None; a route that nobody called has only zeros."""
        if route is None:
            return self.overall
        return self.routes.get(route) or _empty_row(self.n)

    def index(self, t: float) -> int:
        """The index of the second that holds *t*, kept on the grid's edges."""
        return min(max(floor(t) - self.t0, 0), self.n)


def load_view(history: History, *, rate_per_s: float, until_t: float | None = None) -> LoadView:
    """Lay the load's seconds on a grid that reaches to *until_t* at least (default: the last second there
    is).
    """
    by_second = {floor(r.t): r for r in history if isinstance(r, LoadSecond)}
    if not by_second:
        return LoadView(t0=floor(until_t or 0), n=0, status=(), routes={}, overall=_empty_row(0))
    t0, last = min(by_second), max(by_second)
    n = max(last + 1, floor(until_t) if until_t is not None else 0) - t0
    seconds = [by_second.get(t0 + i) for i in range(n)]
    others = {floor(r.t) - t0 for r in history if not isinstance(r, LoadSecond | Event)}
    names = sorted({name for second in seconds if second for name in second.routes})
    routes = {name: _route_row(name, seconds) for name in names}
    return LoadView(
        t0=t0,
        n=n,
        status=_statuses(seconds, others, rate_per_s),
        routes=routes,
        overall=_sum_rows(routes.values(), n),
        planned=tuple(second.planned if second else 0.0 for second in seconds),
        scheduled=tuple(second.scheduled if second else 0 for second in seconds),
    )


def _statuses(
    seconds: Sequence[LoadSecond | None], others: set[int], rate_per_s: float
) -> tuple[Second, ...]:
    short = _short_seconds(seconds, rate_per_s)
    stalled = _stalled_seconds(seconds)
    status: list[Second] = []
    for missing, group in groupby(range(len(seconds)), key=lambda i: seconds[i] is None):
        stretch = list(group)
        if missing:
            sampled = sum(i in others for i in stretch)
            status += [Second.LOST if sampled * 2 >= len(stretch) else Second.ASLEEP] * len(stretch)
        else:
            status += [_status(short=i in short, stalled=i in stalled) for i in stretch]
    return tuple(status)


def _status(*, short: bool, stalled: bool) -> Second:
    if stalled:
        return Second.STALLED
    return Second.SHORT if short else Second.KNOWN


def _stalled_seconds(seconds: Sequence[LoadSecond | None]) -> set[int]:
    """Seconds in which the pacer ran late, and those around them."""
    late = [i for i, second in enumerate(seconds) if second is not None and second.late_ms > MAX_LATE_MS]
    return {i + near for i in late for near in range(-STALL_REACH_S, STALL_REACH_S + 1)}


def _short_seconds(seconds: Sequence[LoadSecond | None], rate_per_s: float) -> set[int]:
    """Seconds under plan that the seconds around them do not make up for: a pacer may be a beat late."""
    wanted = [max(second.planned, rate_per_s) if second else 0.0 for second in seconds]
    offered = [second.scheduled if second else 0 for second in seconds]
    short = set()
    for i, second in enumerate(seconds):
        if second is None or offered[i] >= MIN_OFFERED_RATIO * wanted[i]:
            continue
        around = slice(max(0, i - OFFERED_OVER_S // 2), i + OFFERED_OVER_S // 2 + 1)
        if sum(offered[around]) < MIN_OFFERED_RATIO * sum(wanted[around]):
            short.add(i)
    return short


def _route_row(name: str, seconds: Sequence[LoadSecond | None]) -> RouteRow:
    nothing = RouteSecond()
    cells = [second.routes.get(name, nothing) if second else nothing for second in seconds]
    expected = [cell.expected for cell in cells]
    declined = _declined_to_all([cell.ok + sum(cell.bad.values()) for cell in cells], expected)
    first_bad: list[float | None] = [cell.first_bad_t for cell in cells]
    last_bad: list[float | None] = [cell.last_bad_t for cell in cells]
    for i in declined:
        second = seconds[i]
        if second is not None and expected[i]:
            first_bad[i] = min(filter(None, (first_bad[i], second.t)))
            last_bad[i] = max(filter(None, (last_bad[i], second.t + 1)))
    return RouteRow(
        ok=[cell.ok for cell in cells],
        bad=[sum(cell.bad.values()) + (expected[i] if i in declined else 0) for i, cell in enumerate(cells)],
        expected=[0 if i in declined else expected[i] for i in range(len(cells))],
        latency=[cell.latency_counts for cell in cells],
        first_bad_t=first_bad,
        last_bad_t=last_bad,
    )


def _declined_to_all(others: Sequence[int], expected: Sequence[int]) -> set[int]:
    """Seconds around which declined answers are no longer the odd one out: declining everybody is no
    service.
    """
    reach = EXPECTED_OVER_S // 2
    declined = set()
    for i, here in enumerate(expected):
        if not here:
            continue
        around = slice(max(0, i - reach), i + reach + 1)
        said_no = sum(expected[around])
        total = said_no + sum(others[around])
        if total >= EXPECTED_MIN_REQUESTS and said_no > MAX_EXPECTED_RATIO * total:
            declined.add(i)
    return declined


def _sum_rows(rows: Iterable[RouteRow], n: int) -> RouteRow:
    rows = list(rows)
    return RouteRow(
        ok=[sum(row.ok[i] for row in rows) for i in range(n)],
        bad=[sum(row.bad[i] for row in rows) for i in range(n)],
        expected=[sum(row.expected[i] for row in rows) for i in range(n)],
        latency=[tuple(map(sum, zip(*(row.latency[i] for row in rows), strict=True))) for i in range(n)]
        if rows
        else [(0,) * BUCKETS] * n,
        first_bad_t=[
            min((t for row in rows if (t := row.first_bad_t[i]) is not None), default=None) for i in range(n)
        ],
        last_bad_t=[
            max((t for row in rows if (t := row.last_bad_t[i]) is not None), default=None) for i in range(n)
        ],
    )


def _empty_row(n: int) -> RouteRow:
    return RouteRow(
        ok=[0] * n,
        bad=[0] * n,
        expected=[0] * n,
        latency=[(0,) * BUCKETS] * n,
        first_bad_t=[None] * n,
        last_bad_t=[None] * n,
    )
