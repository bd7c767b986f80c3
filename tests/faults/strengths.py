"""The two ends of what a fault's parameters reach: the values there, and what a client meets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from faults.parameters import Value, declared

MILD, SEVERE = "mild", "severe"
ENDS = (MILD, SEVERE)


@dataclass(frozen=True, kw_only=True)
class End:
    """How a case is tried at one end.

    *expects* is what a client meets there, where it is not what the case expects; *felt* where it has to look
    closer for it than the case's client does; *unfelt* why none is asked at the mild end.
    """

    expects: str = ""
    felt: Callable[[Any], str] | None = None
    unfelt: str = ""


AS_EVER = End()


def ends_of(fault: Any) -> dict[str, dict[str, Value]]:
    """The mild values of a fault (its class or an instance) and the severe ones; none where it has none."""
    known = {key: one for key, (one, _) in declared(fault).items()}
    found = {
        MILD: {key: one.mild for key, one in known.items() if one.mild is not None},
        SEVERE: {key: one.severe for key, one in known.items() if one.severe is not None},
    }
    return {end: values for end, values in found.items() if values}
