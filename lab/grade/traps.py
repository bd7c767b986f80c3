"""Recognises tempting acts in what the trainee did, and says what came of each.

A scenario's own recognisers are asked first. Those here are generic: they look at verbs and at the words of
SQL, never at a scenario. What came of an act is read off what users saw afterwards.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from lab.grade.aftermath import aftermath
from lab.grade.case import Case
from lab.grade.model import Notice
from lab.history.records import Event
from lab.recogniser import Recogniser
from lab.scenario import Scenario

ACTS = (
    Recogniser(
        id="scaled-to-zero",
        verb="scale",
        pattern=r"\b0\b",
        tone="trap",
        lesson="Scaling to zero takes the service away from everybody; what comes back is the same release.",
    ),
    Recogniser(
        id="scaled-out",
        verb="scale",
        pattern=r"\b([3-9]|[1-9]\d+)\b",
        tone="trap",
        lesson="More pods ask the same few servers more often: what is short there gets shorter.",
    ),
    Recogniser(
        id="bounded-pool",
        verb="set-env",
        pattern=r"DB_(MAX_OVERFLOW|POOL_SIZE)[^-\w]+\d",
        tone="trap",
        lesson="A bounded pool spares the database, but a leak empties the pool: the wait moves to the API.",
    ),
    Recogniser(
        id="restarted-database",
        verb="restart-database",
        pattern=r"",
        tone="trap",
        lesson="A restart of the database is an outage of its own, and clients that fill it go on doing so.",
    ),
    Recogniser(
        id="restarted-pods",
        verb="restart",
        pattern=r"",
        tone="trap",
        lesson="A restart clears what a process holds and leaves its release, so what leaked can leak again.",
    ),
    Recogniser(
        id="rolled-back",
        verb="rollback",
        pattern=r"",
        tone="good",
        lesson="Going back to the release before is the quickest way to undo a change that broke something.",
    ),
)

SQL = (
    Recogniser(
        id="kept-out",
        pattern=r"\balter\s+(role|user)\s+\S+\s+(with\s+)?(nologin|connection\s+limit\s+0)",
        tone="good",
        lesson="A role that cannot sign in does not come back; its owner has to be told.",
    ),
    Recogniser(
        id="raised-max-connections",
        pattern=r"\balter\s+system\s+set\s+max_connections\b",
        tone="trap",
        lesson="More slots only fill later; the change needs a restart, and every slot costs memory.",
    ),
    Recogniser(
        id="wrote-to-data",
        pattern=r"\b(delete\s+from|truncate|update\s+(?!pg_)\w+\s+set|drop\s+(table|schema|database))\b",
        tone="trap",
        lesson="Rewriting customers' data during an incident is how an outage turns into a loss.",
    ),
    Recogniser(
        id="bounded-idle-time",
        pattern=r"\bset\s+(idle_session_timeout|idle_in_transaction_session_timeout)\b",
        tone="good",
        lesson="A time limit on idle sessions bounds what a leak holds; the pool must then test connections.",
    ),
    Recogniser(
        id="bounded-replay",
        pattern=r"\balter\s+system\s+set\s+max_standby_(streaming|archive)_delay\b",
        tone="good",
        lesson="A replica whose replay waits for nobody for long stays fresh; who is in its way is ended.",
    ),
    Recogniser(
        id="promoted-replica",
        pattern=r"\bpg_promote\s*\(",
        tone="trap",
        lesson="A promoted replica follows nobody: what it lacked, and all that comes, it never gets.",
    ),
    Recogniser(
        id="ended-sessions",
        pattern=r"\bpg_(terminate|cancel)_backend\b",
        tone="trap",
        lesson="Ending sessions frees slots, not the cause: whatever opened them is still running.",
    ),
)

REDIS = (
    Recogniser(
        id="flushed-cache",
        pattern=r"^\W*flush(all|db)\b",
        tone="trap",
        lesson="An emptied Redis signs everybody out, and the database answers for all until it is warm.",
    ),
)

MYSQL = (
    Recogniser(
        id="gave-a-key",
        pattern=r"\balter\s+table\b.*\badd\s+(constraint\s+\S+\s+)?primary\s+key\b",
        tone="good",
        lesson="With a key each changed row is found at once, instead of by reading the table.",
    ),
    Recogniser(
        id="applied-in-parallel",
        pattern=r"\bset\s+(@@)?(global|persist)[\s.]+(replica|slave)_parallel_workers\s*=\s*([2-9]|1\d)",
        tone="good",
        lesson="What did not wait for each other on the source need not on the replica.",
    ),
    Recogniser(
        id="held-the-batch",
        pattern=r"\b(rename\s+table|alter\s+table\s+\S+\s+rename)\b",
        tone="good",
        lesson="A batch that does not find its table changes nothing; its owner has to be told.",
    ),
    Recogniser(
        id="skipped-transaction",
        pattern=r"\bset\s+(@@)?(session\b[\s.]*|global\b[\s.]*)?(gtid_next\s*=\s*'[^a]|\w*skip_counter\s*=)",
        tone="trap",
        lesson="A transaction that is skipped is lost to the replica for good: its data differ from then on.",
    ),
    Recogniser(
        id="reset-replica",
        pattern=r"^\s*reset\s+(replica|slave|binary\s+logs)\b",
        tone="trap",
        lesson="A replica that forgets what it has applied cannot go on from there.",
    ),
    Recogniser(
        id="ended-sessions",
        pattern=r"^\s*kill\b",
        tone="trap",
        lesson="Ending a session ends what it does now, not whoever starts it again.",
    ),
    Recogniser(
        id="wrote-to-data",
        pattern=r"^\s*(delete\s+from|truncate|update\s+\S+\s+set|drop\s+(table|schema|database))\b",
        tone="trap",
        lesson="Rewriting customers' data during an incident is how an outage turns into a loss.",
    ),
)

TYPED: Mapping[str, tuple[Recogniser, ...]] = {"sql": SQL, "mysql": MYSQL, "redis": REDIS}
STATEMENTS = tuple(TYPED)
"""The kinds of what was typed into a database, as its server recorded it."""

CURES = frozenset(
    {
        "rolled-back",
        "bounded-idle-time",
        "bounded-replay",
        "kept-out",
        "gave-a-key",
        "applied-in-parallel",
        "held-the-batch",
    }
)
"""Acts that remove or bound a cause: after one of them, clearing up is no trap any more."""

CLEARING_UP = frozenset({"ended-sessions", "restarted-pods"})

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


def known(scenario: Scenario) -> tuple[Recogniser, ...]:
    """All that is recognised in a run of the scenario, its own first."""
    return (*scenario.traps, *ACTS, *(one for typed in TYPED.values() for one in typed))


def cures(scenario: Scenario) -> frozenset[str]:
    """The ids of acts that remove or bound a cause."""
    return CURES | {one.id for one in scenario.traps if one.cures}


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
