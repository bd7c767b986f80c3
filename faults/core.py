"""What a fault is: a frozen dataclass whose fields are its parameters, and four verbs."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

Receipt: TypeAlias = Mapping[str, str | int | float]
"""All that `revert` needs, JSON-safe, so that another process can undo the fault."""


class Fault(Protocol):
    """One reversible thing that goes wrong with one service.

    The target is whatever narrow Protocol the fault declares: a pod controller, a database, a container.
    """

    def prepare(self, target: Any, /) -> Receipt:
        """Look, do not touch: old values and the names to be used. Written down before `inject`."""

    def inject(self, target: Any, receipt: Receipt, /) -> None:
        """Make it happen."""

    def active(self, target: Any, receipt: Receipt, /) -> bool:
        """Tell whether the damage is there now, by asking the victim."""

    def revert(self, target: Any, receipt: Receipt, /) -> None:
        """Undo from the receipt alone. Idempotent; safe after a crash or a fix by hand."""
