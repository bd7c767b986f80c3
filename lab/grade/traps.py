"""Recognises tempting acts in what the trainee did, and says what came of each.

A scenario's own recognisers are asked first, then those of `lab.acts`. What came of an act is read off what
users saw afterwards.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from lab.acts import ACTS, CLEARING_UP, CURES, STATEMENTS, TYPED
from lab.grade.aftermath import aftermath
from lab.grade.case import Case
from lab.grade.model import Notice
from lab.history.records import Event
from lab.recogniser import Recogniser

SAME_ACT_S = 5.0
"""The same thing done again within this time is one notice."""


def notices(case: Case) -> tuple[Notice, ...]:
    """What the trainee did that a reviewer would point at, oldest first."""
    found: list[tuple[Event, Recogniser]] = []
    for event in case.phases.of("act", *STATEMENTS):
        recogniser = _recognise(event, case.scenario.traps)
        if recogniser is not None and not _again(recogniser, event, found):
            found.append((event, recogniser))
    cured_t = min((event.t for event, r in found if r.cures or r.id in CURES), default=None)
    return tuple(_notice(case, event, recogniser, cured_t) for event, recogniser in found)


def did(event: Event) -> str:
    """What was done, in one line."""
    if event.kind in STATEMENTS:
        text = " ".join(str(event.detail.get("text", "")).split())[:200]
        seen_in = event.detail.get("seen_in")
        return f"{text} (seen in {seen_in})" if seen_in else text
    if event.detail.get("command"):
        return f"{event.detail['command']} {event.detail.get('object', '')}".strip()
    detail = _flat(event.detail.get("detail"))
    words = [str(event.detail.get("verb", "")), str(event.detail.get("object") or ""), detail]
    return " ".join(word for word in words if word)


def _recognise(event: Event, own: tuple[Recogniser, ...]) -> Recogniser | None:
    if event.kind in STATEMENTS:
        text = str(event.detail.get("text", ""))
        typed = (*(r for r in own if r.typed_in == event.kind), *TYPED[event.kind])
        return next((r for r in typed if re.search(r.pattern, text, re.IGNORECASE | re.DOTALL)), None)
    if str(event.detail.get("result", "")).lower().startswith(("refused", "error", "failed")):
        return None
    verb, detail = event.detail.get("verb"), _flat(event.detail.get("detail"))
    acts = (*(r for r in own if not r.typed_in and r.on in ("", event.detail.get("object"))), *ACTS)
    return next((r for r in acts if r.verb == verb and re.search(r.pattern, detail)), None)


def _again(recogniser: Recogniser, event: Event, found: list[tuple[Event, Recogniser]]) -> bool:
    return any(r.id == recogniser.id and event.t - e.t < SAME_ACT_S for e, r in found)


def _notice(case: Case, event: Event, recogniser: Recogniser, cured_t: float | None) -> Notice:
    clears_up = recogniser.clears_up or recogniser.id in CLEARING_UP
    after_cure = clears_up and cured_t is not None and event.t >= cured_t
    came, what_came = aftermath(case, event.t)
    return Notice(
        id=recogniser.id,
        tone="plain" if after_cure else recogniser.tone,
        t=event.t,
        did=did(event),
        came_of_it=what_came if after_cure else f"{what_came} {recogniser.lesson}",
        aftermath=came,
    )


def _flat(detail: Any) -> str:
    """An act's detail as text, whatever its shape."""
    if detail is None or detail == {} or detail == "":
        return ""
    if isinstance(detail, Mapping):
        return " ".join(f"{name}={_flat(value) or value}" for name, value in detail.items())
    return detail if isinstance(detail, str) else json.dumps(detail)
