"""What the referee answers when asked how the run is: nothing in it tells the cause."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lab.grade import Progress
from lab.history.records import Event
from lab.referee.timeline import State


@dataclass(frozen=True, kw_only=True)
class Now:
    """All that a status is made from."""

    run_id: str
    scenario: str
    state: State
    events: Sequence[Event]
    progress: Progress | None
    impact_t: float | None
    summaries: Mapping[str, str]
    waiting_for: Sequence[str]
    ready: Sequence[str]
    t: float


def status(now: Now) -> dict[str, Any]:
    """The status screen's content."""
    state = now.state
    until_t = state.ended_t or now.t
    progress = now.progress
    return {
        "run_id": now.run_id,
        "scenario": now.scenario,
        "phase": state.phase.value,
        "because": state.ended_why,
        "waiting_for": list(now.waiting_for),
        "ready": list(now.ready),
        "clock_s": _since(state.page_t, until_t),
        "impact_s": _since(now.impact_t, until_t),
        "users": _users(progress),
        "alerts": [
            {"name": name, "since_s": _since(t, until_t), "summary": now.summaries.get(name, "")}
            for name, t in sorted(state.firing.items(), key=lambda item: item[1])
        ],
        "holds": [
            {"claim": hold.claim, "held_s": hold.held_s, "needs_s": hold.needs_s}
            for hold in (progress.holds if progress else ())
        ],
        "milestones": milestones(now),
        "hints_taken": sum(event.kind == "hint" for event in now.events),
    }


def milestones(now: Now) -> dict[str, float | None]:
    """Seconds to each step that a verb takes: the first from the page, the others from the impact."""
    page_t, impact_t = now.state.page_t, now.impact_t or now.state.page_t
    starts = {"ack": page_t, "status_update": impact_t, "diagnosis": impact_t, "grade_asked": impact_t}
    firsts = {kind: next((e.t for e in now.events if e.kind == kind), None) for kind in starts}
    return {kind: _between(start, firsts[kind]) for kind, start in starts.items()}


def waiting(state: State, progress: Progress | None, t: float) -> dict[str, Any]:
    """Why there is no report yet: what is waited for, and how far that is."""
    what, elapsed_s, needs_s = _waiting_for(state, progress, t)
    return {
        "error": "the run has not ended",
        "hint": "lab grade says that you are done, and waits",
        "state": state.phase.value,
        "waiting_for": what,
        "elapsed_s": elapsed_s,
        "needs_s": needs_s,
    }


def _waiting_for(state: State, progress: Progress | None, t: float) -> tuple[str, float | None, float | None]:
    if state.asked_t is None:
        return "somebody to ask for the grade", None, None
    if state.closing_t is not None or state.replay_end_t is not None:
        return "the last measurements", None, None
    if state.hold_done_t is not None:
        return "the replay of what set the incident off", _since(state.replay_start_t, t), None
    least = (
        min(progress.holds, key=lambda hold: hold.held_s - hold.needs_s, default=None) if progress else None
    )
    if least is None or least.held:
        return "service to hold", _since(state.asked_t, t), None
    return "service to hold", least.held_s, least.needs_s


def _users(progress: Progress | None) -> dict[str, Any]:
    if progress is None:
        return {"success_ratio": None, "routes": {}}
    routes = {name: asdict(route) for name, route in progress.routes.items()}
    return {**asdict(progress.overall), "routes": routes}


def _since(start_t: float | None, t: float) -> float | None:
    return None if start_t is None else round(max(0.0, t - start_t), 1)


def _between(start_t: float | None, t: float | None) -> float | None:
    return None if start_t is None or t is None else round(max(0.0, t - start_t), 1)
