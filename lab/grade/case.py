"""All that the judges look at, worked out once from a scenario and a history."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor

from lab.grade.load_view import LoadView, load_view
from lab.grade.outages import Span, outages
from lab.grade.phases import Phases, phases_of
from lab.grade.series import Series, series_of
from lab.history.records import History, LoadSecond, Reading
from lab.scenario import Category, LatencyP95, Objective, Scenario, SuccessRatio, held

CLOSING_LAG_S = 8.0
"""Seconds of the load close up to 4 s late: where a run ends, the last few may never have been handed out."""


CLOCK_SLACK_S = 2.0
"""A clock that is kept in time may be set by less than this."""


@dataclass(frozen=True)
class Case:
    """One run, ready to be judged.

    Service is judged over seconds [*lo*, *hi*): from the end of the baseline to the start of the replay, or
    to the end of the drill where none was started. *clock_back*: when a clock went back, and by how much.
    """

    scenario: Scenario
    phases: Phases
    view: LoadView
    readings: Mapping[str, tuple[Reading, ...]]
    samples_end_t: float
    lo: int
    hi: int
    clock_back: tuple[float, float] | None = None

    @cached_property
    def series(self) -> Mapping[str, Series]:
        """Every service objective's series, by the objective's id."""
        return {o.id: series_of(o, self.view) for o in self.scenario.objectives if is_service(o)}

    @cached_property
    def required(self) -> tuple[Series, ...]:
        """Those that must hold together for service to be restored."""
        return tuple(s for s in self.series.values() if s.objective.required)

    @cached_property
    def outages(self) -> tuple[Span, ...]:
        """Outages of the required service objectives, before the replay."""
        return outages(self.required, self.lo, self.hi)

    @property
    def impact_t(self) -> float | None:
        """When users first felt it."""
        return self.outages[0].start_t if self.outages else None

    @property
    def mitigated_t(self) -> float | None:
        """When users were served again for good; None where they were not, or nothing was to mitigate."""
        return self.outages[-1].end_t if self.outages else None

    @property
    def end_t(self) -> float:
        """When the drill was over for the users: the end of all load samples that count."""
        return float(self.view.t0 + self.view.n)


def case_of(scenario: Scenario, history: History) -> Case:
    """Work a run out."""
    phases = phases_of(history)
    history = _without_idle_tail(history, phases)
    seconds = [r.t for r in history if isinstance(r, LoadSecond)]
    end_t = _service_end_t(phases, max(seconds, default=0.0))
    view = load_view(history, rate_per_s=scenario.load.rate_per_s, until_t=end_t)
    readings: dict[str, list[Reading]] = {}
    for record in history:
        if isinstance(record, Reading):
            readings.setdefault(record.name, []).append(record)
    start_t = phases.baseline_ended_t
    lo = view.index(ceil(start_t)) if start_t is not None else 0
    return Case(
        scenario=scenario,
        phases=phases,
        view=view,
        readings={name: tuple(sorted(rows, key=lambda r: r.t)) for name, rows in readings.items()},
        samples_end_t=max((r.t for r in history if not isinstance(r, LoadSecond)), default=0.0),
        lo=lo,
        hi=max(lo, view.index(end_t)),
        clock_back=_clock_back(history),
    )


def is_service(objective: Objective) -> bool:
    """Whether it is what is to be restored for users: its probe reads the load's log and is held."""
    probe = objective.probe
    return (
        objective.category is Category.SERVICE
        and isinstance(probe, SuccessRatio | LatencyP95)
        and held(probe)
    )


def _service_end_t(phases: Phases, last_s: float) -> float:
    """Where the judged span ends; past the last second only where data should have been there and are not."""
    covered_t = last_s + 1
    if phases.replay_started_t is not None:
        end_t = floor(phases.replay_started_t)
    else:
        if phases.given_up_t is None:
            return covered_t
        end_t = floor(phases.given_up_t)
    return end_t if end_t - covered_t > CLOSING_LAG_S else min(end_t, covered_t)


def _clock_back(history: History) -> tuple[float, float] | None:
    """Where samples of one kind, in the order they were written in, go back in time, and by how much.

    Events may be late, for some are read from logs; samples are written as they are taken.
    """
    last: dict[str, float] = {}
    for record in history:
        if isinstance(record, LoadSecond | Reading):
            # Each reading by itself: those that are taken at a slower pace are written down when they came.
            kind = record.name if isinstance(record, Reading) else ""
            before_t = last.get(kind, record.t)
            if before_t - record.t > CLOCK_SLACK_S:
                return before_t, before_t - record.t
            last[kind] = record.t
    return None


def _without_idle_tail(history: History, phases: Phases) -> History:
    """Leave out the seconds after the drill in which the referee itself had asked for no load."""
    over_t = phases.replay_ended_t or phases.given_up_t
    if over_t is None:
        return history
    busy = max((r.t for r in history if isinstance(r, LoadSecond) and r.planned > 0), default=None)
    if busy is None:
        return history
    return [r for r in history if not (isinstance(r, LoadSecond) and r.t > max(busy, over_t))]
