"""A line of Redis's MONITOR, read for what the trainee did."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

MAX_TEXT = 2000

_LINE = re.compile(r'\+(?P<t>\d+\.\d+) \[\d+ (?P<address>\S+):\d+\] (?P<words>".*")\s*', re.DOTALL)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
# What clients say by themselves when they connect, passwords among it.
_CHATTER = frozenset({"AUTH", "COMMAND", "HELLO", "PING"})


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that the trainee did in Redis, at unix time *t*.

    *seen_in*: what it was read off where nobody heard it typed; then *t* is when it was seen.
    """

    kind: ClassVar[str] = "redis"

    t: float
    text: str
    seen_in: str = ""

    def detail(self) -> Mapping[str, str]:
        """As an event's detail."""
        seen = {"seen_in": self.seen_in} if self.seen_in else {}
        return {"text": self.text, "who": "trainee", **seen}


def act(line: str, *, toolbox: str) -> Act | None:
    """The trainee's command in a line; None where it is another's or says nothing of them."""
    match = _LINE.fullmatch(line)
    if match is None or match["address"].strip("[]") != toolbox:
        return None
    first, *rest = _WORD.findall(match["words"])
    verb = first.upper()
    if verb in _CHATTER or (verb == "CLIENT" and rest and rest[0].upper() in ("SETINFO", "SETNAME")):
        return None
    return Act(t=float(match["t"]), text=" ".join([first, *map(quoted, rest)])[:MAX_TEXT])


def quoted(word: str) -> str:
    """A word as it would be typed."""
    return word if word and " " not in word else f'"{word}"'
