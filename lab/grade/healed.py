"""Outages that ended without the trainee: nothing that they did lies between its beginning and its end.

That nothing is recorded does not prove that nothing was done, so this takes points and never the verdict.
"""

from collections.abc import Sequence
from dataclasses import replace

from lab.grade.case import Case
from lab.grade.findings import Flag
from lab.grade.hands import RECORDED_LATE_S, effects
from lab.grade.model import Grade, Verdict
from lab.grade.outages import Span
from lab.grade.say import clock
from lab.history.records import Event
from lab.scenario import Category, Objective, Within

ACT_REACH_S = 30.0
"""What happens later than this after an act is not put down to it."""

RIGHT_AFTER_S = 15.0
"""A process that was restarted is ready, and its clients are back, within this time."""

SEEN_LATE_S = 3.0
"""A restart is looked for every other second, so the event may be later than what it tells of."""

UNHEARD = ("redis", "cache")
"""Redis tells of nothing that is typed in its own container, and what was done by commands of administration
is read off it afterwards, if it answers: how the trainee ended a cause that is there may not be recorded.
"""


def healed(case: Case) -> str | None:
    """Why the last outage is said to have ended without the trainee; None where it did not, or nobody can
    tell.
    """
    return _healed(case, case.outages[-1]) if case.outages else None


def healed_flags(case: Case) -> tuple[Flag, ...]:
    """A flag for each outage that ended without the trainee."""
    reasons = (_healed(case, span) for span in case.outages)
    return tuple(Flag(id="healed-by-itself", text=f"healed by itself: {why}") for why in reasons if why)


def without_credit(case: Case, grades: Sequence[Grade]) -> tuple[Grade, ...]:
    """The grades, those for resolving without points where it healed by itself; verdicts stay."""
    if healed(case) is None:
        return tuple(grades)
    resolving = {o.id for o in case.scenario.objectives if _resolving(o)}
    note = "; no points, for it healed by itself"
    return tuple(
        replace(g, earned=0.0, because=g.because + note)
        if g.objective in resolving and g.verdict is Verdict.PASS
        else g
        for g in grades
    )


def _resolving(objective: Objective) -> bool:
    probe = objective.probe
    return objective.category is Category.RESOLVED or (
        isinstance(probe, Within) and probe.milestone == "resolved"
    )


def _healed(case: Case, span: Span) -> str | None:
    if span.end_t is None or case.phases.injected_t is None or _unseen(case):
        return None
    done = effects(case)
    since_t = min(span.start_t, case.phases.page_t or span.start_t) - ACT_REACH_S
    if not any(since_t <= event.t <= span.end_t + RECORDED_LATE_S for event in done):
        return (
            f"users were served again at {clock(span.end_t)}, and nothing that was recorded of the trainee "
            f"between {clock(since_t)} and then changed anything"
        )
    for event in _by_themselves(case):
        t = float(event.detail.get("started_t") or event.t)
        near = span.end_t - RIGHT_AFTER_S <= t <= span.end_t + SEEN_LATE_S
        if near and not any(t - ACT_REACH_S <= act.t <= span.end_t for act in done):
            what = event.kind.replace("_", " ")
            return (
                f"users were served again at {clock(span.end_t)}, right after {what} at {clock(t)}, "
                "without an act of the trainee before it"
            )
    return None


def _by_themselves(case: Case) -> tuple[Event, ...]:
    """What can end an outage without anybody: an injector that ended, a restart."""
    crashed = tuple(e for e in case.phases.of("pod") if e.detail.get("state") == "crashed")
    return (*case.phases.of("inject_ended", "database_restarted"), *crashed)


def _unseen(case: Case) -> bool:
    """Whether the trainee could have acted where nobody was looking."""
    words = case.scenario.truth.component.words
    return any(word.lower().startswith(UNHEARD) for word in words)
