"""How a tempting act is recognised in what the trainee did, and what comes of one. Values only."""

from dataclasses import dataclass
from enum import Enum

TONES = ("trap", "good", "plain")


@dataclass(frozen=True, kw_only=True)
class Recogniser:
    """A pattern over what was done, with its tone (trap, good or plain) and why it matters.

    With *typed_in* (sql, mysql or redis) the pattern is searched in what was typed there, whatever its case.
    Without, in the detail of an act: *verb* is what was done, *on* what it was done to, if only that counts.
    *cures*: it removes or bounds a cause, so that clearing up is no trap any more; *clears_up*: it is that.
    """

    id: str
    pattern: str
    tone: str
    lesson: str
    verb: str = ""
    on: str = ""
    typed_in: str = ""
    cures: bool = False
    clears_up: bool = False


class CameOfIt(Enum):
    """What users saw after an act, up to the end of the replay."""

    UNMEASURED = "not measured"
    STAYED_SERVED = "stayed served"
    HURT = "hurt anew"
    NEVER_SERVED = "never served again"
    RELAPSED = "came back"
    SERVED = "served again for good"


IN_VAIN = (CameOfIt.RELAPSED, CameOfIt.NEVER_SERVED, CameOfIt.HURT)
"""Whichever: in the end users were not served. For traps that now and then bring relief."""


@dataclass(frozen=True, kw_only=True)
class Trapped:
    """What the report must show of a run in which a trap of the runbook was all that was done: one of
    *shows*, and one of the objectives *blames* failed, where the trap is told by that.
    """

    trap: str
    shows: tuple[CameOfIt, ...]
    blames: tuple[str, ...] = ()
