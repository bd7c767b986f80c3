"""What is drawn: the lines of each panel, from the history, smoothed over the window that grading uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isinf

from lab.grade import Measure, Report
from lab.grade.latency import percentile_ms
from lab.grade.load_view import LoadView, RouteRow, Second
from lab.grade.say import percent
from lab.grade.series import SLOW_RATIO, WINDOW_S, sum_counts
from lab.history.records import LATENCY_EDGES_MS, History, Reading

OVERFLOW_MS = float(LATENCY_EDGES_MS[-1])


@dataclass(frozen=True, kw_only=True)
class Line:
    """A named line; a point without a value is a hole in it."""

    name: str
    style: str
    points: Sequence[tuple[float, float | None]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Lines over one vertical axis, with its marks and the bounds of objectives."""

    title: str
    low: float
    high: float
    marks: tuple[tuple[float, str], ...]
    bounds: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def panels_of(report: Report, view: LoadView, history: History) -> tuple[Panel, ...]:
    """A panel for success, one for latency, one for each reading that an objective bounds."""
    measures = [grade.measure for grade in report.grades if grade.measure is not None]
    readings = list(dict.fromkeys(m.name for m in measures if m.kind == "level"))
    return (
        _success(view, [m for m in measures if m.kind == "success"]),
        _latency(view, [m for m in measures if m.kind == "p95"]),
        *(
            _level(history, [m for m in measures if m.kind == "level" and m.name == name])
            for name in readings
        ),
    )


def _success(view: LoadView, measures: Sequence[Measure]) -> Panel:
    def value(row: RouteRow, lo: int, hi: int) -> float | None:
        ok, bad = sum(row.ok[lo:hi]), sum(row.bad[lo:hi])
        return ok / (ok + bad) if ok + bad else None

    return Panel(
        title="Success, as users saw it (5 s windows)",
        low=0.0,
        high=1.0,
        marks=((0.0, "0%"), (0.5, "50%"), (1.0, "100%")),
        bounds=tuple((b, f"wanted: at least {percent(b)}") for b in sorted({m.bound for m in measures})),
        lines=_routes(view, measures, value),
    )


def _latency(view: LoadView, measures: Sequence[Measure]) -> Panel:
    def value(row: RouteRow, lo: int, hi: int) -> float | None:
        p95_ms = percentile_ms(sum_counts(row.latency[lo:hi]), 1 - SLOW_RATIO)
        return OVERFLOW_MS if p95_ms is not None and isinf(p95_ms) else p95_ms

    lines = _routes(view, measures, value)
    bounds = sorted({m.bound for m in measures})
    high = _round_up(max([*(v for line in lines for _, v in line.points if v), *bounds, 50.0]) * 1.1)
    return Panel(
        title="95th percentile of latency (ms; what takes longer than 2000 is drawn there)",
        low=0.0,
        high=high,
        marks=_marks(high),
        bounds=tuple((b, f"wanted: at most {b:g} ms") for b in bounds),
        lines=lines,
    )


def _level(history: History, measures: Sequence[Measure]) -> Panel:
    first = measures[0]
    readings = sorted(
        (r for r in history if isinstance(r, Reading) and r.name == first.name), key=lambda r: r.t
    )
    points = tuple((r.t, r.value) for r in readings)
    bounds = sorted({(m.bound, m.wanted) for m in measures})
    high = _round_up(max([*(v for _, v in points if v is not None), *(b for b, _ in bounds)]) * 1.1)
    return Panel(
        title=f"{first.name.replace('_', ' ').capitalize()} ({first.unit})",
        low=0.0,
        high=high,
        marks=_marks(high),
        bounds=tuple((b, f"wanted: {side} {b:g} {first.unit}") for b, side in bounds),
        lines=(Line(name=first.name, style="s0", points=points),),
    )


def _routes(
    view: LoadView, measures: Sequence[Measure], value: Callable[[RouteRow, int, int], float | None]
) -> tuple[Line, ...]:
    """All requests together, and each route that an objective names."""
    names = ["", *dict.fromkeys(m.name for m in measures if m.name)]
    return tuple(
        Line(name=name or "all", style=f"s{n}", points=_points(view, view.row(name or None), value))
        for n, name in reversed(list(enumerate(names)))
    )


def _points(
    view: LoadView, row: RouteRow, value: Callable[[RouteRow, int, int], float | None]
) -> tuple[tuple[float, float | None], ...]:
    gone = (Second.LOST, Second.ASLEEP)
    return tuple(
        (view.t0 + i + 1, None if view.status[i] in gone else value(row, max(0, i + 1 - WINDOW_S), i + 1))
        for i in range(view.n)
    )


def _marks(high: float) -> tuple[tuple[float, str], ...]:
    return tuple((value, f"{value:g}") for value in (0.0, high / 2, high))


def _round_up(value: float) -> float:
    """The next number that reads well on an axis, and whose half does."""
    power = 10.0
    while power * 10 < value:
        power *= 10
    return next(factor * power for factor in (1, 2, 4, 6, 8, 10) if factor * power >= value)
