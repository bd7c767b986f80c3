"""What two faults of one target have in common, by the names of what they touch."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

CONTAINER = "container"
"""It is made anew: all that was done inside it is gone."""
PROCESSES = "processes"
"""They end or stand still: so does all that lives in them, and nobody who looks or undoes is answered."""
OUTSIDE = ("cpu", "memory", "restart-policy", "file:*", "volume:*")
"""What no process holds."""


def overlap(one: str, other: str) -> bool:
    """Tell whether two names mean the same thing, or one of them a part of the other; * is any text."""
    return _covers(one, other) or _covers(other, one)


def common(ours: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """Those of *ours* that overlap with some of *theirs*, in words."""
    found = [(one, other) for one in ours for other in theirs if overlap(one, other)]
    return tuple(sorted(one if one == other else f"{one} ({other})" for one, other in found))


def _covers(whole: str, part: str) -> bool:
    if whole == CONTAINER:
        return True
    if whole == PROCESSES:
        return not any(fnmatchcase(part, name) for name in OUTSIDE)
    return fnmatchcase(part, whole)
