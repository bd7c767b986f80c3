"""A line of Redis's MONITOR, read for what the trainee did."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TEXT = 2000

_LINE = re.compile(r'\+(?P<t>\d+\.\d+) \[\d+ (?P<address>\S+):\d+\] (?P<words>".*")\s*', re.DOTALL)
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Their arguments hold passwords.
_SECRET = frozenset({"AUTH", "HELLO"})
# What clients say by themselves when they connect.
_CHATTER = frozenset({"COMMAND", "PING"})


@dataclass(frozen=True, kw_only=True)
class Act:
    """Something that the trainee did in Redis, at unix time *t*."""

    t: float
    text: str

    def detail(self) -> Mapping[str, str]:
        """As an event's detail."""
        return {"text": self.text, "who": "trainee"}


def act(line: str, *, toolbox: str) -> Act | None:
    """The trainee's command in a line; None where it is another's or says nothing of them."""
    match = _LINE.fullmatch(line)
    if match is None or match["address"].strip("[]") != toolbox:
        return None
    first, *rest = _WORD.findall(match["words"])
    verb = first.upper()
    if verb in _CHATTER or (verb == "CLIENT" and rest and rest[0].upper() in ("SETINFO", "SETNAME")):
        return None
    words = [first, "(…)"] if verb in _SECRET and rest else [first, *map(_quoted, rest)]
    return Act(t=float(match["t"]), text=" ".join(words)[:MAX_TEXT])


def _quoted(word: str) -> str:
    return word if word and " " not in word else f'"{word}"'
