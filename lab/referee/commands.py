"""What the timeline asks to be done next, decided from the state, what is seen, and the time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lab.referee.timeline import State

BASELINE_LIMIT_S = 60.0
START_LIMIT_S = 120.0
GRADE_SLACK_S = 15.0
CONFIRM_LIMIT_S = 20.0
# The load's last seconds are closed this long after they were offered.
TAIL_S = 5.0
# How often a replay is done again because the machine stalled in it; after that it stays unknown.
SPOILT_AT_MOST = 2


@dataclass(frozen=True, kw_only=True)
class Tell:
    """Record an event; nothing else is to be done."""

    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StartLoad:
    """Let the users come."""


@dataclass(frozen=True, kw_only=True)
class TakeFingerprints:
    """Fingerprint data and schema."""

    when: str


@dataclass(frozen=True, kw_only=True)
class InjectFault:
    """Prepare the timeline's n-th inject, write its receipt down, inject."""

    n: int


@dataclass(frozen=True, kw_only=True)
class ConfirmFault:
    """See whether the n-th inject is in effect; *last* is the last try."""

    n: int
    last: bool


@dataclass(frozen=True, kw_only=True)
class EndTraineeSessions:
    """End what the trainee still runs in the database: what is to hold must hold by itself."""


@dataclass(frozen=True, kw_only=True)
class StartReplay:
    """Replay the scenario's trigger."""


@dataclass(frozen=True, kw_only=True)
class ReconcileLedger:
    """Compare what was acknowledged with what is in the database."""


@dataclass(frozen=True, kw_only=True)
class EndRun:
    """Stop the load, close the journal, write the report."""

    why: str


Command: TypeAlias = (
    Tell
    | StartLoad
    | TakeFingerprints
    | InjectFault
    | ConfirmFault
    | EndTraineeSessions
    | StartReplay
    | ReconcileLedger
    | EndRun
)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A scenario's numbers that the timeline runs by; *inject_at_s* count from the end of the baseline."""

    baseline_s: float
    inject_at_s: tuple[float, ...]
    longest_hold_s: float
    burst_s: float
    settle_s: float
    limit_s: float


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What is seen of the lab right now. *waiting_for*: services that are not ready yet.

    *healthy_s*: how long all objectives have held, for the baseline; *holding_s*: the same, for the grade;
    *held*: all of them have held for their whole hold. *replay_spoilt*: the replay was not seen whole: the
    machine stalled.
    """

    waiting_for: tuple[str, ...] = ()
    healthy_s: float = 0.0
    held: bool = False
    holding_s: float = 0.0
    replay_spoilt: bool = False
    impact_t: float | None = None
    summaries: Mapping[str, str] = field(default_factory=dict)


def next_command(state: State, sight: Sight, course: Course, now: float) -> Command | None:
    """The one thing to do now, or None while there is only waiting to be done."""
    if state.ended_t is not None or state.started_t is None:
        return None
    if state.baseline_end_t is None and state.end_asked_t is not None:
        return EndRun(why="ended before the baseline was over")
    if state.ready_t is None:
        return _starting(state, sight, now)
    if state.baseline_t is None:
        return StartLoad()
    if state.baseline_end_t is None:
        return _baseline(state, sight, course, now)
    if not state.baseline_ok:
        return EndRun(why="the baseline was not healthy")
    return _drill(state, sight, course, now)


def _starting(state: State, sight: Sight, now: float) -> Command | None:
    if not sight.waiting_for:
        return Tell(kind="stack_ready")
    if now - (state.started_t or now) > START_LIMIT_S:
        return EndRun(why=f"not ready after {START_LIMIT_S:g} s: {', '.join(sight.waiting_for)}")
    return None


def _baseline(state: State, sight: Sight, course: Course, now: float) -> Command | None:
    if "baseline" not in state.fingerprints:
        # Of what users do not write: it need not keep them waiting, and a start has no processor to spare.
        return TakeFingerprints(when="baseline")
    if sight.healthy_s >= course.baseline_s:
        because = f"every objective held for {course.baseline_s:g} s"
        return Tell(kind="baseline_ended", detail={"ok": True, "because": because})
    if now - (state.baseline_t or now) > BASELINE_LIMIT_S + course.baseline_s:
        because = f"held for {sight.healthy_s:.0f} s at the end, wanted {course.baseline_s:g} s"
        return Tell(kind="baseline_ended", detail={"ok": False, "because": because})
    return None


def _drill(state: State, sight: Sight, course: Course, now: float) -> Command | None:
    if state.closing_t is not None:
        return _close(state)
    if state.asked_t is not None:
        return _grade(state, sight, course, now)
    if state.failed_because and state.page_t is None:
        return EndRun(why=f"what was to go wrong did not: {state.failed_because}")
    return (
        _inject(state, course, now)
        or _page(state, sight)
        or (
            Tell(kind="limit_reached", detail={"limit_s": course.limit_s})
            if _late(state, sight, course, now)
            else None
        )
    )


def _inject(state: State, course: Course, now: float) -> Command | None:
    since = now - (state.baseline_end_t or now)
    for n, at_s in enumerate(course.inject_at_s):
        if n not in state.injected and since >= at_s:
            return InjectFault(n=n)
        if n in state.injected and n not in state.confirmed:
            return ConfirmFault(n=n, last=since >= at_s + CONFIRM_LIMIT_S)
    return None


def _page(state: State, sight: Sight) -> Command | None:
    if state.page_t is not None or not state.firing:
        return None
    alert = min(state.firing, key=lambda name: state.firing[name])
    return Tell(kind="page", detail={"alert": alert, "summary": sight.summaries.get(alert, "")})


def _late(state: State, sight: Sight, course: Course, now: float) -> bool:
    since = sight.impact_t or state.page_t or state.baseline_end_t or now
    return now - since >= course.limit_s


def _grade(state: State, sight: Sight, course: Course, now: float) -> Command | None:
    if state.hands_off_t is None:
        return EndTraineeSessions()
    if state.hold_done_t is None:
        return _hold(state, sight, course, now)
    if state.replay_start_t is None:
        return StartReplay()
    if state.replay_end_t is None:
        over = now >= state.replay_start_t + course.burst_s
        return Tell(kind="replay_ended") if over else None
    if now < state.replay_end_t + course.settle_s + TAIL_S:
        return None
    if sight.replay_spoilt and state.replays_spoilt < SPOILT_AT_MOST:
        return Tell(kind="replay_spoilt", detail={"why": "the machine stalled, so it is done once more"})
    return _close(state)


def _hold(state: State, sight: Sight, course: Course, now: float) -> Command | None:
    if sight.held:
        return Tell(kind="hold_done")
    waited_s = now - (state.spoilt_t or state.asked_t or now)
    if _hold_is_missed(waited_s, sight, course):
        return Tell(kind="hold_missed", detail={"waited_s": round(waited_s, 1)})
    if _late(state, sight, course, now):
        return Tell(kind="limit_reached", detail={"limit_s": course.limit_s})
    return None


def _hold_is_missed(waited_s: float, sight: Sight, course: Course) -> bool:
    """Whether to wait no longer: time is out and nothing holds, or a second hold has come to nothing too.

    A hold that is under way when time is out may be finished: one late blip does not undo a fix.
    """
    patience_s = course.longest_hold_s + GRADE_SLACK_S
    if waited_s <= patience_s:
        return False
    return sight.holding_s <= 0 or waited_s > patience_s + course.longest_hold_s


def _close(state: State) -> Command:
    if "end" not in state.fingerprints:
        return TakeFingerprints(when="end")
    if state.reconciled_t is None:
        return ReconcileLedger()
    return EndRun(why=_why(state))


def _why(state: State) -> str:
    if state.limit_t is not None:
        return "limit reached"
    if state.end_asked_t is not None:
        return "ended by the operator"
    if state.hold_missed_t is not None:
        return "graded: service did not hold"
    return "graded"
