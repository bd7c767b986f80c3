"""The run as it stands now, cheap enough to be asked each second."""

from collections.abc import Sequence
from math import ceil, isinf

from lab.grade.case import is_service
from lab.grade.latency import percentile_ms
from lab.grade.levels import max_gap_s
from lab.grade.load_view import LoadView, RouteRow, load_view
from lab.grade.outages import outages
from lab.grade.series import SLOW_RATIO, Series, series_of, sum_counts
from lab.grade.standing import HoldProgress, Progress, RouteView
from lab.history.records import LATENCY_EDGES_MS, History, Reading
from lab.scenario import LevelProbe, Mode, Objective, Scenario

VIEW_S = 10
STALE_S = 10.0
"""Seconds of the load close up to 4 s late; data older than this say nothing about now."""


def progress(scenario: Scenario, history: History, now_t: float) -> Progress:
    """Where the run stands.

    *scenario* is the one that is run (hastened where a proof does so). *history* need be no more than the
    recent tail: the longest hold and half a minute. Holds end at the last second that the load has closed,
    up to 4 s ago;
    *impact_t* is the first outage that the tail shows, to be remembered by who asks.
    """
    view = load_view(history, rate_per_s=scenario.load.rate_per_s)
    services = [series_of(o, view) for o in scenario.objectives if is_service(o) and o.required]
    stale = now_t - (view.t0 + view.n) > STALE_S
    found = outages(services, 0, view.n) if services else ()
    return Progress(
        overall=_seen(view, view.overall, stale=stale),
        routes={name: _seen(view, row, stale=stale) for name, row in view.routes.items()},
        holds=tuple(_hold(s, stale=stale) for s in services),
        levels=tuple(
            _level(o, o.probe, history, now_t)
            for o in scenario.objectives
            if o.required and isinstance(o.probe, LevelProbe) and o.probe.mode is Mode.HELD
        ),
        impact_t=found[0].start_t if found else None,
    )


def unknown_since(scenario: Scenario, history: History, since_t: float) -> bool:
    """Whether it is open how users were served from *since_t* on: what was tried then was not seen."""
    view = load_view(history, rate_per_s=scenario.load.rate_per_s)
    lo = view.index(since_t)
    services = (series_of(o, view) for o in scenario.objectives if is_service(o) and o.required)
    return view.n == lo or any(s.undecided(lo, view.n) for s in services)


def _seen(view: LoadView, row: RouteRow, *, stale: bool) -> RouteView:
    lo, hi = max(0, view.n - VIEW_S), view.n
    ok, bad, expected = (sum(part[lo:hi]) for part in (row.ok, row.bad, row.expected))
    if stale or hi == lo:
        return RouteView(success_ratio=None, p95_ms=None, per_s=0.0)
    p95_ms = percentile_ms(sum_counts(row.latency[lo:hi]), 1 - SLOW_RATIO)
    if p95_ms is not None and isinf(p95_ms):
        p95_ms = float(LATENCY_EDGES_MS[-1])  # at least this; status is JSON, which knows no infinity
    return RouteView(
        success_ratio=ok / (ok + bad) if ok + bad else None,
        p95_ms=p95_ms,
        per_s=(ok + bad + expected) / (hi - lo),
    )


def _hold(series: Series, *, stale: bool) -> HoldProgress:
    objective = series.objective
    needs = ceil(objective.hold_s)
    held = 0 if stale else _held_s(series, needs)
    return HoldProgress(
        objective=objective.id, claim=objective.claim, held_s=float(held), needs_s=float(needs)
    )


def _held_s(series: Series, needs: int) -> int:
    """The longest stretch that ends now and holds, up to what is needed."""
    hi = series.view.n
    return next((length for length in range(min(needs, hi), 0, -1) if series.holds(hi - length, hi)), 0)


def _level(objective: Objective, probe: LevelProbe, history: History, now_t: float) -> HoldProgress:
    readings = sorted(
        (r for r in history if isinstance(r, Reading) and r.name == probe.name), key=lambda r: r.t
    )
    return HoldProgress(
        objective=objective.id,
        claim=objective.claim,
        held_s=_level_held_s(readings, probe, objective.hold_s, now_t),
        needs_s=objective.hold_s,
    )


def _level_held_s(readings: Sequence[Reading], probe: LevelProbe, needs_s: float, now_t: float) -> float:
    """How long every value has been in bounds until now without a gap, up to what is needed."""
    since_t, last_t = now_t, now_t
    for reading in reversed(readings):
        if reading.value is None:
            continue
        if probe.outside(reading.value) or last_t - reading.t > max_gap_s(probe):
            break
        since_t = last_t = reading.t
    return min(needs_s, round(now_t - since_t, 3))
