"""The run as a state machine, told by events alone: what has happened folds into a state.

starting ─▶ baseline ─▶ incident ─▶ paged ─▶ grading (hold ─▶ replay ─▶ settle ─▶ close) ─▶ ended

Pure: no clock, no I/O. A referee that was killed folds the journal again and goes on where it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from lab.history.records import Event


class Phase(Enum):
    """Where a run is."""

    STARTING = "starting"
    BASELINE = "baseline"
    INCIDENT = "incident"
    PAGED = "paged"
    GRADING = "grading"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class State:
    """What has happened so far; times are unix seconds, None while it has not."""

    started_t: float | None = None
    ready_t: float | None = None
    baseline_t: float | None = None
    baseline_end_t: float | None = None
    baseline_ok: bool = False
    fingerprints: frozenset[str] = frozenset()
    injected: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    confirmed: frozenset[int] = frozenset()
    failed_because: str = ""
    firing: Mapping[str, float] = field(default_factory=dict)
    page_t: float | None = None
    asked_t: float | None = None
    hands_off_t: float | None = None
    hold_done_t: float | None = None
    hold_missed_t: float | None = None
    replay_t: float | None = None
    replay_start_t: float | None = None
    replay_end_t: float | None = None
    spoilt_t: float | None = None
    replays_spoilt: int = 0
    limit_t: float | None = None
    end_asked_t: float | None = None
    reconciled_t: float | None = None
    ended_t: float | None = None
    ended_why: str = ""

    @property
    def phase(self) -> Phase:
        """The phase that this state is in."""
        reached = (
            (self.ended_t, Phase.ENDED),
            (self.closing_t or self.asked_t, Phase.GRADING),
            (self.page_t, Phase.PAGED),
            (self.baseline_end_t, Phase.INCIDENT),
            (self.baseline_t, Phase.BASELINE),
        )
        return next((phase for t, phase in reached if t is not None), Phase.STARTING)

    @property
    def closing_t(self) -> float | None:
        """Since when nothing is waited for any more but the last measurements."""
        return self.hold_missed_t or self.limit_t or self.end_asked_t


_FOLDS: Mapping[str, Callable[[State, Event], State]] = {
    "run_started": lambda s, e: replace(s, started_t=e.t),
    "stack_ready": lambda s, e: replace(s, ready_t=e.t),
    "baseline_started": lambda s, e: replace(s, baseline_t=e.t),
    "baseline_ended": lambda s, e: replace(s, baseline_end_t=e.t, baseline_ok=bool(e.detail["ok"])),
    "fingerprint": lambda s, e: replace(s, fingerprints=s.fingerprints | {str(e.detail["when"])}),
    "injected": lambda s, e: replace(s, injected={**s.injected, int(e.detail["n"]): e.detail["receipt"]}),
    "inject_active": lambda s, e: replace(s, confirmed=s.confirmed | {int(e.detail["n"])}),
    "inject_failed": lambda s, e: replace(
        s,
        injected={int(e.detail["n"]): {}, **s.injected},
        confirmed=s.confirmed | {int(e.detail["n"])},
        failed_because=str(e.detail.get("because") or "no reason given"),
    ),
    "alert_firing": lambda s, e: replace(s, firing={**s.firing, str(e.detail["alert"]): e.t}),
    "alert_resolved": lambda s, e: replace(s, firing=_without(s.firing, str(e.detail["alert"]))),
    "page": lambda s, e: replace(s, page_t=e.t),
    "grade_asked": lambda s, e: replace(s, asked_t=s.asked_t or e.t),
    "hands_off": lambda s, e: replace(s, hands_off_t=e.t),
    "hold_done": lambda s, e: replace(s, hold_done_t=e.t),
    "hold_missed": lambda s, e: replace(s, hold_missed_t=e.t),
    "replay_started": lambda s, e: replace(s, replay_t=e.t, replay_start_t=float(e.detail["start"])),
    "replay_ended": lambda s, e: replace(s, replay_end_t=e.t),
    # What was tried was not seen: hold and replay are done once more.
    "replay_spoilt": lambda s, e: replace(
        s,
        spoilt_t=e.t,
        replays_spoilt=s.replays_spoilt + 1,
        hold_done_t=None,
        replay_t=None,
        replay_start_t=None,
        replay_end_t=None,
    ),
    "limit_reached": lambda s, e: replace(s, limit_t=e.t),
    "end_asked": lambda s, e: replace(s, end_asked_t=s.end_asked_t or e.t),
    "ledger": lambda s, e: replace(s, reconciled_t=e.t),
    "ended": lambda s, e: replace(s, ended_t=e.t, ended_why=str(e.detail["why"])),
}


def fold(state: State, event: Event) -> State:
    """The state after *event*; events that do not move the timeline change nothing."""
    step = _FOLDS.get(event.kind)
    return step(state, event) if step else state


def _without(firing: Mapping[str, float], alert: str) -> dict[str, float]:
    return {name: t for name, t in firing.items() if name != alert}
