"""What the stream of placed orders holds: those that somebody will still handle, and those given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from faults.errors import ExecFailed, FaultError
from lab.referee.errors import SampleError

# As the worker names them by itself; a test compares the two.
GROUP = "shipping"
DEAD_LETTERS = "{stream}:dead"

MOST = "1000000"

Order: TypeAlias = tuple[str, str]
"""Its id and its key, as a message tells them."""


class Server(Protocol):
    """Answers one command that only reads, as lists, maps and texts."""

    def value(self, *command: str) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The orders that are in the worker's hand or not delivered yet, and those among its dead letters."""

    waiting: frozenset[Order] = frozenset()
    given_up: frozenset[Order] = frozenset()


def standing(server: Server, stream: str) -> Standing:
    """What *stream* and its dead letters hold now; SampleError where Redis does not answer.

    Entries are read before the group's state, and that before the dead letters: what is handled meanwhile is
    seen where it came from or where it went.
    """
    try:
        there = _entries(server, stream)
        # To ask for the groups of a key that is not there is an error.
        groups = server.value("XINFO", "GROUPS", stream) if there else []
        group = next((one for one in groups if one["name"] == GROUP), None)
        pending = server.value("XPENDING", stream, GROUP, "-", "+", MOST) if group else []
        given_up = _entries(server, DEAD_LETTERS.format(stream=stream))
    except FaultError as error:
        raise SampleError(f"Redis, as its administrator: {error}") from error
    return Standing(
        waiting=waiting(there, group=group, pending=pending),
        given_up=frozenset(_order(fields) for _, fields in given_up),
    )


def _entries(server: Server, stream: str) -> Sequence[Sequence[Any]]:
    """What is in a stream: nothing, where its name is given to something else."""
    try:
        entries: Sequence[Sequence[Any]] = server.value("XRANGE", stream, "-", "+")
    except ExecFailed as error:
        if "WRONGTYPE" not in str(error):
            raise
        return []
    return entries


def waiting(
    there: Sequence[Sequence[Any]], *, group: Mapping[str, Any] | None, pending: Sequence[Sequence[Any]]
) -> frozenset[Order]:
    """The orders of the entries that are in hand or not delivered yet; all of them where there is no group,
    for the worker begins a new one with the oldest.

    What was acknowledged and left where it is will be handed to nobody.
    """
    in_hand = {str(entry) for entry, *_ in pending}
    last = _place(str(group["last-delivered-id"])) if group else (0, 0)
    return frozenset(
        _order(fields) for entry, fields in there if entry in in_hand or _place(str(entry)) > last
    )


def _order(fields: Sequence[str]) -> Order:
    """The order that is told of by a message's fields, names and values in turn."""
    told = dict(zip(fields[::2], fields[1::2], strict=True))
    return told.get("order_id", ""), told.get("idempotency_key", "")


def _place(entry: str) -> tuple[int, int]:
    ms, _, number = entry.partition("-")
    return int(ms), int(number)
