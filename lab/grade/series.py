"""One service objective, second by second: how many requests counted, and how many were outside its bound.

Both kinds of service objective are a share: success allows 1 - ratio of the requests to be bad, a p95 allows
5% to be slower than its bound. *far* counts what makes a window far outside: more than five times the allowed
share of bad ones, or more than 5% slower than twice the bound.

A second in which the machine stalled and whose requests went well all the same is as good as any: a stall
only makes things worse. One that went badly says nothing by itself. But a stretch that is inside the bound
with such seconds as they went is inside, and one that would be far outside it with everybody served well in
them is far outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from lab.grade.latency import percentile_ms, slower_than
from lab.grade.load_view import LoadView, RouteRow, Second
from lab.scenario import LatencyP95, Objective, SuccessRatio

WINDOW_S = 5
WIDEST_WINDOW_S = 15
WINDOW_MIN_REQUESTS = 20
FAR_SUCCESS_FACTOR = 5.0
FAR_LATENCY_FACTOR = 2.0
SLOW_RATIO = 0.05

MIN_OUTSIDE = 3
"""One or two requests outside the bound are chance, whatever share of a small window they are."""

MIN_KNOWN_RATIO = 0.5
"""Fewer seconds between stalls are too near to them to speak for them: a machine that can do hardly anything
fails its users, whatever the trainee did.
"""


class State(Enum):
    """What a window shows."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    FAR = "far outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Window:
    """Seconds *first* … *last* (both in), by index."""

    first: int
    last: int
    state: State

    @property
    def bad(self) -> bool:
        """Whether users were not served as they should be."""
        return self.state in (State.OUTSIDE, State.FAR)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Running sums, one longer than the grid: between two of them lies a stretch.

    *unknown* counts seconds that say nothing by themselves; *unseen* those of them of which nothing, or not
    all, is known.
    """

    counted: Sequence[float]
    outside: Sequence[float]
    far: Sequence[float]
    unknown: Sequence[int]
    unseen: Sequence[int]

    def sums(self, lo: int, hi: int) -> tuple[float, float, int]:
        """Requests that counted, those outside the bound, and unknown seconds in [lo, hi)."""
        return (
            self.counted[hi] - self.counted[lo],
            self.outside[hi] - self.outside[lo],
            self.unknown[hi] - self.unknown[lo],
        )

    def known_sums(self, lo: int, hi: int) -> tuple[float, float, int]:
        """Requests that counted and those outside in [lo, hi)'s known seconds, and how many those are."""
        known = self._known(lo, hi)
        counted = sum(self.counted[i + 1] - self.counted[i] for i in known)
        outside = sum(self.outside[i + 1] - self.outside[i] for i in known)
        return counted, outside, len(known)

    def far_at_best(self, lo: int, hi: int, far_ratio: float) -> bool:
        """Whether [lo, hi) is far outside even if everybody was served well in its unknown seconds.

        Half of them at least must be known, and all of those show it: what fails behind a stall that is over
        gets less and less.
        """
        known = self._known(lo, hi)
        if not known or len(known) < MIN_KNOWN_RATIO * (hi - lo):
            return False
        counted = [self.counted[i + 1] - self.counted[i] for i in known]
        far = [self.far[i + 1] - self.far[i] for i in known]
        steady = all(f > far_ratio * n for f, n in zip(far, counted, strict=True))
        return (
            steady
            and sum(far) >= MIN_OUTSIDE
            and sum(far) > far_ratio * sum(counted) * (hi - lo) / len(known)
        )

    def _known(self, lo: int, hi: int) -> list[int]:
        return [i for i in range(lo, hi) if self.unknown[i + 1] == self.unknown[i]]


@dataclass(frozen=True, kw_only=True)
class Series(Sums):
    """Sums and windows (one per last second) of one objective."""

    objective: Objective
    view: LoadView
    row: RouteRow
    allowed_ratio: float
    far_ratio: float
    windows: Sequence[Window]
    far_windows: Sequence[int]

    def averages_inside(self, lo: int, hi: int) -> bool:
        """Whether [lo, hi) as a whole is inside the bound; of nothing it is not."""
        counted, outside, _ = self.sums(lo, hi)
        return counted > 0 and outside <= self.allowed_ratio * counted + 1e-9

    def far_inside(self, lo: int, hi: int) -> bool:
        """Whether a window that lies whole in [lo, hi) is far outside."""
        edge = min(lo + WIDEST_WINDOW_S, hi)
        if any(self.windows[e].state is State.FAR and self.windows[e].first >= lo for e in range(lo, edge)):
            return True
        return hi > edge and self.far_windows[hi] > self.far_windows[edge]

    def holds(self, lo: int, hi: int) -> bool:
        """Whether all of [lo, hi) was seen, averages inside the bound and has no window far outside."""
        return (
            self.unseen[hi] == self.unseen[lo]
            and self.averages_inside(lo, hi)
            and not self.far_inside(lo, hi)
        )

    def undecided(self, lo: int, hi: int) -> bool:
        """Whether its unknown seconds leave open what [lo, hi) was."""
        return self.unknown[hi] > self.unknown[lo] and not self.holds(lo, hi)

    def value(self, lo: int, hi: int) -> float | None:
        """The measured value over [lo, hi): a success ratio, or a p95 in ms (inf past the histogram)."""
        counted, outside, _ = self.sums(lo, hi)
        if counted <= 0:
            return None
        if isinstance(self.objective.probe, SuccessRatio):
            return 1.0 - outside / counted
        return percentile_ms(sum_counts(self.row.latency[lo:hi]), 1 - SLOW_RATIO)


def sum_counts(rows: Sequence[Sequence[int]]) -> list[int]:
    """Histograms added up."""
    return [sum(column) for column in zip(*rows, strict=True)] if rows else [0]


def series_of(objective: Objective, view: LoadView) -> Series:
    """The series of a service objective; ValueError for any other."""
    match objective.probe:
        case SuccessRatio(route=route, at_least_ratio=ratio):
            row = view.row(route)
            counted = [float(ok + bad) for ok, bad in zip(row.ok, row.bad, strict=True)]
            outside = far = [float(bad) for bad in row.bad]
            allowed, far_ratio = 1.0 - ratio, FAR_SUCCESS_FACTOR * (1.0 - ratio)
        case LatencyP95(route=route, at_most_ms=bound):
            row = view.row(route)
            counted = [float(_answers(row, i)) for i in range(view.n)]
            outside = [_slow(row, i, bound) for i in range(view.n)]
            far = [_slow(row, i, bound * FAR_LATENCY_FACTOR) for i in range(view.n)]
            allowed = far_ratio = SLOW_RATIO
        case other:
            raise ValueError(f"objective {objective.id}: {type(other).__name__} is no service objective")
    seen = [
        status is Second.KNOWN or (status is Second.STALLED and n > 0)
        for status, n in zip(view.status, counted, strict=True)
    ]
    unknown = [
        not was_seen or (status is Second.STALLED and n_out > allowed * n)
        for status, was_seen, n, n_out in zip(view.status, seen, counted, outside, strict=True)
    ]
    sums = Sums(
        counted=_running(counted),
        outside=_running(outside),
        far=_running(far),
        unknown=[int(value) for value in _running(unknown)],
        unseen=[int(value) for value in _running([not was_seen for was_seen in seen])],
    )
    windows = [_window(last, sums, allowed, far_ratio) for last in range(view.n)]
    return Series(
        objective=objective,
        view=view,
        row=row,
        allowed_ratio=allowed,
        far_ratio=far_ratio,
        counted=sums.counted,
        outside=sums.outside,
        far=sums.far,
        unknown=sums.unknown,
        unseen=sums.unseen,
        windows=windows,
        far_windows=[int(value) for value in _running([w.state is State.FAR for w in windows])],
    )


def _running(values: Sequence[float]) -> list[float]:
    return list(accumulate(values, initial=0.0))


def _answers(row: RouteRow, i: int) -> int:
    """Timed requests of a second; where nobody was answered, all of them count as beyond."""
    return sum(row.latency[i]) or row.ok[i] + row.bad[i] + row.expected[i]


def _slow(row: RouteRow, i: int, bound_ms: float) -> float:
    return slower_than(row.latency[i], bound_ms) if sum(row.latency[i]) else float(_answers(row, i))


def _window(last: int, sums: Sums, allowed: float, far_ratio: float) -> Window:
    """The narrowest window that ends with second *last* and has requests enough."""
    first, end = max(0, last + 1 - WINDOW_S), last + 1
    while sums.counted[end] - sums.counted[first] < WINDOW_MIN_REQUESTS:
        if first == 0 or end - first >= WIDEST_WINDOW_S:
            break
        first -= 1
    return Window(first=first, last=last, state=_state(sums, first, end, allowed, far_ratio))


def _state(sums: Sums, lo: int, hi: int, allowed: float, far_ratio: float) -> State:
    counted, outside, unknown = sums.sums(lo, hi)
    if counted <= 0:
        return State.UNKNOWN
    if unknown:
        return State.FAR if sums.far_at_best(lo, hi, far_ratio) else State.UNKNOWN
    far = sums.far[hi] - sums.far[lo]
    if far >= MIN_OUTSIDE and far > far_ratio * counted:
        return State.FAR
    return State.OUTSIDE if outside >= MIN_OUTSIDE and outside > allowed * counted else State.INSIDE
