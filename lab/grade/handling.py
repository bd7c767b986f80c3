"""How the incident was handled: what was looked at first, what went astray, what it cost users besides."""

import re
from collections.abc import Sequence

from lab.acts import cures
from lab.grade.case import Case
from lab.grade.diagnosis import names
from lab.grade.findings import Handling
from lab.grade.hands import RECORDED_LATE_S, about, effects, refused, theirs
from lab.grade.hurts import hurts
from lab.grade.model import Notice
from lab.grade.settings_left import settings_left
from lab.grade.traps import did
from lab.history.records import Event

BLAME_S = 5.0
"""What goes wrong within this time of an act is put down to it."""

RESTARTS = frozenset({"restart", "restart-database", "delete"})
SHUTS_DOWN = re.compile(r"\s*(shutdown|debug\s+(restart|segfault))\b", re.IGNORECASE)
ENDS_SESSIONS = re.compile(
    r"\bpg_terminate_backend\b|^\s*kill\s+(connection\s+)?\d|^\s*client\s+kill\b", re.I
)
AIMED = re.compile(
    r"\b(state|state_change|query|query_start|xact_start|application_name|client_addr|client_port|wait_event\w*"
    r"|backend_xmin|backend_start|granted|pg_blocking_pids)\b"
    r"|\bpg_terminate_backend\s*\(\s*\d+|^\s*kill\s|\b(id|addr|laddr|user|maxage)\s+\S",
    re.IGNORECASE,
)
"""A choice by what a session does, or of one session: not everybody of a role or a database."""


def handling(case: Case, notices: Sequence[Notice]) -> Handling:
    """What is recorded of it, in numbers."""
    done = effects(case)
    look = _first_look(case)
    fix = _fix(case, done)
    from_t = case.phases.page_t if case.phases.page_t is not None else case.impact_t
    ended = [e for e in done if ENDS_SESSIONS.search(str(e.detail.get("text", "")))]
    return Handling(
        first_look=did(look) if look else "",
        first_look_t=look.t if look else None,
        first_look_s=round(max(0.0, look.t - from_t), 3) if look and from_t is not None else None,
        fixed_by=did(fix) if fix else "",
        fixed_by_t=fix.t if fix else None,
        false_starts=sum(n.tone == "trap" and n.t < _cured_t(case, notices) for n in notices),
        restarts=sum(_restarts(event) for event in done),
        sessions_ended=len(ended),
        sessions_ended_unaimed=sum(_unaimed(event) for event in ended),
        extra_outage_s=round(_extra_outage_s(case, done), 3),
        hints=len(case.phases.of("hint")),
        settings_left=settings_left(case),
    )


def _first_look(case: Case) -> Event | None:
    """The first that was done to, or asked of, a component of the truth, or that has its evidence in it."""
    from_t = case.phases.injected_t or case.impact_t
    if from_t is None:
        return None
    truth = case.scenario.truth
    for event in theirs(case):
        text = str(event.detail.get("text", ""))
        touches = names(truth.component, about(event)) or names(truth.evidence, text)
        if event.t >= from_t and touches and not refused(event):
            return event
    return None


def _fix(case: Case, done: Sequence[Event]) -> Event | None:
    """The last act before users were served again for good; where there is none, the first right after."""
    if case.mitigated_t is None or case.impact_t is None:
        return None
    from_t = case.phases.injected_t or case.impact_t
    near = [e for e in done if from_t <= e.t <= case.mitigated_t + RECORDED_LATE_S]
    in_time = [e for e in near if e.t <= case.mitigated_t + _late_s(e)]
    return in_time[-1] if in_time else next(iter(near), None)


def _late_s(event: Event) -> float:
    """How much later than it was done it may have been recorded: what was heard is of its own time."""
    return RECORDED_LATE_S if event.detail.get("seen_in") else 0.0


def _cured_t(case: Case, notices: Sequence[Notice]) -> float:
    curing = cures(case.scenario)
    return min(
        (n.t for n in notices if n.id in curing),
        default=case.mitigated_t if case.mitigated_t is not None else case.end_t,
    )


def _restarts(event: Event) -> bool:
    if event.kind == "act":
        return event.detail.get("verb") in RESTARTS
    return bool(SHUTS_DOWN.match(str(event.detail.get("text", ""))))


def _unaimed(event: Event) -> bool:
    """Whether it was aimed at nobody; what was not heard but seen afterwards does not tell."""
    return not event.detail.get("seen_in") and not AIMED.search(str(event.detail.get("text", "")))


def _extra_outage_s(case: Case, done: Sequence[Event]) -> float:
    """How long users were hurt in stretches that an act began; the incident's own beginning is none."""
    found = list(hurts(case))
    if case.phases.injected_t is not None:
        found = found[1:]
    return sum(h.lasted_s for h in found if any(_blamed(e, h.start_t) for e in done))


def _blamed(event: Event, start_t: float) -> bool:
    """Whether what began in the second at *start_t* is put down to it."""
    return start_t - BLAME_S <= event.t <= start_t + max(1.0, _late_s(event))
