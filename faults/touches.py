"""What two faults of one target have in common, by the names of what they touch."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

CONTAINER = "container"
"""It is made anew: all that was done inside it is gone."""
PROCESSES = "processes"
"""They end or stand still: so does all that lives in them, and nobody who looks or undoes is answered."""
ANSWERS = "answers"
"""The server runs and answers nobody, its administrator neither."""
WRITES = "writes"
"""The server takes no write, its administrator's neither; settings can be set, sessions can be ended."""
LOCK = "lock:"
"""Nobody gets at a table: not at its rows, nor at what else belongs to it."""
CONNECTIONS = "connections"
"""The server has no slot left, or few: its administrator's may be taken as well."""

OUTSIDE = ("cpu", "memory", "restart-policy", "file:*", "volume:*")
"""What no process holds."""
NETWORK = ("interface", "path:*", "loss:*", "resets:*", "host:*", "resolver")
"""What no server is asked about."""
OF_TABLE = (
    *("rows:{}", "column:{}.*", "sequence:{}.*", "auto-increment:{}", "statistics:{}.*", "bloat:{}"),
    *("storage:{}", "table:{}", "traffic:{}"),
    "index:*",  # an index has its own name, which does not tell whose it is
)
"""What belongs to a table."""
WRITTEN = (
    *(one.format("*") for one in OF_TABLE),
    *("role:*", "role-setting:*", "role-password:*", "account:*", "database-setting:*", "replication:*"),
    *("snapshot", "key:*", "keys:*", "scripts"),
)
"""What takes a write to be done, to be undone, or to go on."""


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
        return not _is_of(part, OUTSIDE)
    if whole == ANSWERS:
        return not _is_of(part, (*OUTSIDE, *NETWORK))
    if whole == WRITES and _is_of(part, WRITTEN):
        return True
    if whole.startswith(LOCK) and _is_of(part, (one.format(whole.removeprefix(LOCK)) for one in OF_TABLE)):
        return True
    return fnmatchcase(part, whole)


def _is_of(part: str, names: Iterable[str]) -> bool:
    return any(fnmatchcase(part, name) for name in names)
