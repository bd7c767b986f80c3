"""The run's own landmarks, read off its events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.history.records import Event, History
from lab.targets import STANDARD

GIVEN_UP = ("hold_missed", "limit_reached", "end_asked", "ended")


@dataclass(frozen=True, kw_only=True)
class Phases:
    """When what happened, unix seconds; None where it did not. The first of several counts, of replays the
    last.

    *replay_from_t* is when the extra arrivals began. *given_up_t* is when a drill ended without a replay:
    service did not hold after it was said to be over, the limit was reached, or somebody ended the run.
    """

    events: tuple[Event, ...]
    run: Mapping[str, Any]
    started_t: float | None
    baseline_ended_t: float | None
    baseline_ok: bool | None
    baseline_because: str
    injected_t: float | None
    page_t: float | None
    grade_asked_t: float | None
    replay_started_t: float | None
    replay_from_t: float | None
    replay_ended_t: float | None
    given_up_t: float | None
    limit_reached_t: float | None
    ended_t: float | None

    def of(self, *kinds: str) -> tuple[Event, ...]:
        """The events of these kinds, oldest first."""
        return tuple(event for event in self.events if event.kind in kinds)

    @property
    def calm(self) -> bool:
        """Whether nothing was to go wrong in this run."""
        return _truthy(self.run.get("calm"))

    @property
    def speed(self) -> float:
        """By how much a proof hastened the run."""
        return float(self.run.get("speed") or 1.0)

    @property
    def targets(self) -> str:
        """Whom the run's times are meant for; runs that do not say so had the standard ones."""
        return str(self.run.get("targets") or STANDARD)


def phases_of(history: History) -> Phases:
    """The landmarks of a run."""
    events = tuple(sorted((r for r in history if isinstance(r, Event)), key=lambda event: event.t))
    started = _first(events, "run_started")
    baseline = _first(events, "baseline_ended")
    replay = _first(reversed(events), "replay_started")
    return Phases(
        events=events,
        run=started.detail if started else {},
        started_t=_t(started),
        baseline_ended_t=_t(baseline),
        baseline_ok=_truthy(baseline.detail.get("ok", True)) if baseline else None,
        baseline_because=str(baseline.detail.get("because", "")) if baseline else "",
        injected_t=_t(_first(events, "injected")),
        page_t=_t(_first(events, "page")),
        grade_asked_t=_t(_first(events, "grade_asked")),
        replay_started_t=_t(replay),
        replay_from_t=float(replay.detail.get("start") or replay.t) if replay else None,
        replay_ended_t=_t(_first(reversed(events), "replay_ended")),
        given_up_t=_t(_first(events, *GIVEN_UP)),
        limit_reached_t=_t(_first(events, "limit_reached")),
        ended_t=_t(_first(events, "ended")),
    )


def _first(events: Iterable[Event], *kinds: str) -> Event | None:
    return next((event for event in events if event.kind in kinds), None)


def _t(event: Event | None) -> float | None:
    return event.t if event else None


def _truthy(value: object) -> bool:
    """A flag that may have come through an environment variable."""
    return value not in (False, None, 0, "", "0", "false")
