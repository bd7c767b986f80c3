"""The load's own log, cut into seconds: `requests.csv` and `ticks.csv` become LoadSecond records.

A request counts in the second of its *scheduled* start. What was planned and offered in a second is read off
the ticks' running totals, interpolated at the second's edges; a second that the ticks do not cover (load
stopped, machine asleep) gives no record: nothing is known about it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor

from lab.history.records import LATENCY_EDGES_MS, LoadSecond, RouteSecond

MAX_TICK_GAP_S = 2.5
"""Ticks further apart than this say nothing about the time between them."""

UNACCOUNTED = "unaccounted"
"""The route under which requests count that were offered and never ended."""

UNACCOUNTED_RATIO = 0.25
"""Totals are read between two ticks, so a few requests of a second may seem to be missing; this many do not.
"""

UNTIMED_RESULTS = frozenset({"conn", "http_5xx", "http_4xx", "wrong"})
"""A quick refusal is no quick answer: these count in success, not in latency."""

UNANSWERED_RESULTS = frozenset({"timeout", "dropped"})
"""Never answered: beyond the last edge, whatever the clock said."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One line of requests.csv, as far as grading needs it."""

    scheduled_t: float
    end_t: float
    route: str
    result: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One line of ticks.csv: running totals at *t*."""

    t: float
    planned_total: float
    scheduled_total: int
    late_ms: float


def bin_seconds(
    requests: Iterable[Request], ticks: Sequence[Tick], *, from_s: int, until_s: int
) -> tuple[LoadSecond, ...]:
    """The seconds of [from_s, until_s) that the ticks cover, oldest first."""
    by_second: dict[int, list[Request]] = defaultdict(list)
    for request in requests:
        by_second[floor(request.scheduled_t)].append(request)
    offers = _offers(ticks)
    return tuple(
        _load_second(second, offers[second], by_second.get(second, ()))
        for second in sorted(offers)
        if from_s <= second < until_s
    )


@dataclass(frozen=True, kw_only=True)
class _Offer:
    """What was planned and offered in one second, and how late the pacer was."""

    planned: float
    scheduled: float
    late_ms: float


def _offers(ticks: Sequence[Tick]) -> dict[int, _Offer]:
    """The offer of each second that lies whole inside an unbroken stretch of ticks."""
    offers: dict[int, _Offer] = {}
    for stretch in _stretches(ticks):
        times = [tick.t for tick in stretch]
        for second in range(ceil(times[0]), floor(times[-1])):
            start, end = _at(stretch, times, second), _at(stretch, times, second + 1)
            first = max(bisect_left(times, second) - 1, 0)
            last = bisect_right(times, second + 1)
            offers[second] = _Offer(
                planned=end[0] - start[0],
                scheduled=end[1] - start[1],
                late_ms=max(tick.late_ms for tick in stretch[first : last + 1]),
            )
    return offers


def _stretches(ticks: Sequence[Tick]) -> list[list[Tick]]:
    """Ticks without a gap and without a restart of the totals between them."""
    stretches: list[list[Tick]] = [[ticks[0]]] if ticks else []
    for before, after in pairwise(ticks):
        restarted = (
            after.scheduled_total < before.scheduled_total or after.planned_total < before.planned_total
        )
        if restarted or not 0 < after.t - before.t <= MAX_TICK_GAP_S:
            stretches.append([])
        stretches[-1].append(after)
    return stretches


def _at(ticks: Sequence[Tick], times: Sequence[float], t: float) -> tuple[float, float]:
    """Planned and scheduled totals at *t*, linear between the ticks around it."""
    right = min(bisect_left(times, t), len(ticks) - 1)
    after = ticks[right]
    if after.t == t or right == 0:
        return after.planned_total, float(after.scheduled_total)
    before = ticks[right - 1]
    part = (t - before.t) / (after.t - before.t)
    return (
        before.planned_total + part * (after.planned_total - before.planned_total),
        before.scheduled_total + part * (after.scheduled_total - before.scheduled_total),
    )


def _load_second(second: int, offer: _Offer, requests: Sequence[Request]) -> LoadSecond:
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for request in requests:
        tallies[request.route].add(request)
    routes = {route: tallies[route].as_route() for route in sorted(tallies)}
    missing = round(offer.scheduled) - len(requests)
    if missing > max(3, UNACCOUNTED_RATIO * offer.scheduled):
        routes[UNACCOUNTED] = RouteSecond(
            bad={"timeout": missing},
            latency_counts=(0,) * len(LATENCY_EDGES_MS) + (missing,),
            first_bad_t=float(second),
            last_bad_t=float(second + 1),
        )
    return LoadSecond(
        t=float(second),
        planned=round(offer.planned, 3),
        scheduled=round(offer.scheduled),
        late_ms=offer.late_ms,
        routes=routes,
    )


@dataclass
class _Tally:
    """One route's requests of one second, while they are counted."""

    ok: int = 0
    expected: int = 0
    bad: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    latency_counts: list[int] = field(default_factory=lambda: [0] * (len(LATENCY_EDGES_MS) + 1))
    bad_times: list[float] = field(default_factory=list)

    def add(self, request: Request) -> None:
        """Count one request."""
        if request.result in UNANSWERED_RESULTS:
            self.latency_counts[-1] += 1
        elif request.result not in UNTIMED_RESULTS:
            took_ms = (request.end_t - request.scheduled_t) * 1000
            self.latency_counts[bisect_left(LATENCY_EDGES_MS, took_ms)] += 1
        if request.result == "ok":
            self.ok += 1
        elif request.result == "expected":
            self.expected += 1
        else:
            self.bad[request.result] += 1
            self.bad_times.append(request.scheduled_t)

    def as_route(self) -> RouteSecond:
        """The finished record."""
        return RouteSecond(
            ok=self.ok,
            expected=self.expected,
            bad=dict(sorted(self.bad.items())),
            latency_counts=tuple(self.latency_counts),
            first_bad_t=min(self.bad_times, default=None),
            last_bad_t=max(self.bad_times, default=None),
        )


def parse_request(row: Mapping[str, str]) -> Request:
    """A row of requests.csv; ValueError or KeyError where it is none."""
    return Request(
        scheduled_t=float(row["scheduled"]), end_t=float(row["end"]), route=row["route"], result=row["result"]
    )


def parse_tick(row: Mapping[str, str]) -> Tick:
    """A row of ticks.csv; ValueError or KeyError where it is none."""
    return Tick(
        t=float(row["t"]),
        planned_total=float(row["planned_total"]),
        scheduled_total=int(float(row["scheduled_total"])),
        late_ms=float(row["late_ms"]),
    )
