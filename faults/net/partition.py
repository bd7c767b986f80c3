"""A container is cut off from others that still run."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Kind, Undo
from faults.net._ruled import Ruled
from faults.parameters import choice

HOOKS = {"both": ("INPUT", "OUTPUT"), "in": ("INPUT",), "out": ("OUTPUT",)}
MECHANISMS = {"silence": "drop", "refusal": "reject"}
ANSWERS = {"silence": "-j DROP", "refusal": "-j REJECT"}


@dataclass(frozen=True, kw_only=True)
class Partition(Ruled):
    """No packet passes between the container and its peers: who asks waits, or is refused at once."""

    about: ClassVar[About] = About(
        id="net.partition",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("path:{peer}",),
        lasts="no",
        see="clients time out at connecting or wait in established sessions, while the container's own logs"
        " are quiet and it answers itself; in its network `iptables-save -c`",
        fix="`iptables -F` in the container's network; a restart of the container; fail over, and make sure"
        " that the one cut off no longer serves",
    )

    answer: str = choice(
        "silence", *ANSWERS, mild="refusal", severe="silence", means="what becomes of a packet for the other"
    )
    direction: str = choice(
        "both", *HOOKS, mild="in", severe="both", means="which packets do not pass, seen from the container"
    )

    def mechanism(self) -> str:
        """By what it is done: what is refused is not just dropped."""
        return MECHANISMS[self.answer]

    def rule(self) -> str:
        """Drop or refuse it."""
        return ANSWERS[self.answer]

    def hooks(self) -> tuple[str, ...]:
        """As the direction says."""
        return HOOKS[self.direction]
