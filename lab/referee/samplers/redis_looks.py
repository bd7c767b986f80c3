"""Two looks at a Redis server, compared: what of its settings and counters the trainee changed in between.

Pure. Whoever set them is not said by the server: what changed while the timeline did a fault there is the
lab's, what a restart put back is nobody's, and nobody else but the trainee has the right.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from lab.referee.samplers.redacted import HIDDEN
from lab.referee.samplers.redis_line import MAX_TEXT, Act, quoted

COUNTED = ("client|kill", "client|pause", "client|unpause")
"""Commands of administration that change more than a setting; what they were given is not kept anywhere.

Not those of ACL, which the trainee has no right to: only the lab itself could have them counted.
"""

TOLD_APART_S = 5.0
"""Nobody answers a fault sooner than this after the last look before it."""

_SECRET = re.compile(r"(pass|auth|user)$")
_CALLS = re.compile(
    r"^cmdstat_(?P<name>\S+?):calls=(?P<calls>\d+)(.*,failed_calls=(?P<failed>\d+))?", re.MULTILINE
)
_RUN_ID = re.compile(r"^run_id:(\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Injects:
    """The timeline's faults of a server: *begun*, and *done*, whether they came into effect or failed."""

    begun: frozenset[int] = frozenset()
    done: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Look:
    """A server as it was at unix time *t*. *run_id*: another one after each start of its process.

    *done* is what the timeline had done before the look, *begun* what it had begun after it.
    """

    t: float
    run_id: str
    settings: Mapping[str, str]
    calls: Mapping[str, int] = field(default_factory=dict)
    done: frozenset[int] = frozenset()
    begun: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Reset:
    """A server that began anew put these of its settings back to what it starts with."""

    kind: ClassVar[str] = "settings_reset"

    t: float
    server: str
    settings: Mapping[str, str]

    def detail(self) -> Mapping[str, object]:
        """As an event's detail."""
        return {"name": self.server, "settings": dict(self.settings)}


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """A server that could not be read from *since_t*, before a fault was done there, until *t*."""

    kind: ClassVar[str] = "settings_unclear"

    t: float
    server: str
    since_t: float

    def detail(self) -> Mapping[str, object]:
        """As an event's detail."""
        return {"name": self.server, "since_t": self.since_t}


Found: TypeAlias = Act | Reset | Unclear


def look_of(t: float, server_info: str, settings: Sequence[str], stats: str, injects: Injects) -> Look:
    """What INFO server, CONFIG GET * and INFO commandstats answered."""
    run_id = _RUN_ID.search(server_info)
    pairs = zip(settings[::2], settings[1::2], strict=True)
    calls = {m["name"]: int(m["calls"]) - int(m["failed"] or 0) for m in _CALLS.finditer(stats)}
    return Look(
        t=t,
        run_id=run_id[1] if run_id else "",
        settings={_newest(name): value for name, value in pairs},
        calls={name: calls.get(name, 0) for name in COUNTED},
        done=injects.done,
        begun=injects.begun,
    )


def compared(server: str, before: Look, after: Look) -> tuple[Found, ...]:
    """What happened between two looks that is not the lab's doing."""
    if before.run_id != after.run_id:
        back = {name: _shown(name, value) for name, value in _differing(before, after)}
        return (Reset(t=after.t, server=server, settings=back),) if back else ()
    if after.begun - before.done:
        unclear = Unclear(t=after.t, server=server, since_t=before.t)
        return (unclear,) if after.t - before.t > TOLD_APART_S else ()
    return (*_set(server, before, after), *_called(server, before, after))


def _set(server: str, before: Look, after: Look) -> Iterator[Act]:
    for name, value in _differing(before, after):
        text = f"CONFIG SET {name} {_shown(name, value)}"
        yield Act(t=after.t, text=text[:MAX_TEXT], seen_in=f"the settings of {server}")


def _called(server: str, before: Look, after: Look) -> Iterator[Act]:
    for name, calls in after.calls.items():
        then = before.calls.get(name, 0)
        # CONFIG RESETSTAT counts from nought.
        if times := calls - then if calls >= then else calls:
            text = f"{name.replace('|', ' ').upper()} (…)" + (f", {times} times" if times > 1 else "")
            yield Act(t=after.t, text=text, seen_in=f"the counters of {server}")


def _differing(before: Look, after: Look) -> Iterator[tuple[str, str]]:
    for name, value in sorted(after.settings.items()):
        if before.settings.get(name) != value:
            yield name, value


def _shown(name: str, value: str) -> str:
    return quoted(HIDDEN if value and _SECRET.search(name) else value)


def _newest(name: str) -> str:
    """The name that a setting goes by now: the server tells of old ones beside it."""
    if name == "lua-time-limit":
        return "busy-reply-threshold"
    return name.replace("slave", "replica").replace("ziplist", "listpack")
