"""All processes of a container stand still."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState


@dataclass(frozen=True, kw_only=True)
class Pause(Checked):
    """The container is frozen: its sockets stay open, and clients without time-outs hang, not fail."""

    about: ClassVar[About] = About(
        id="host.pause",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("processes",),
        lasts="no",
        see="connections are accepted and nobody answers; its CPU is at zero; docker ps: (Paused)",
        fix="docker unpause, or a restart; time-outs in its clients",
        one_strength="a process runs or stands still",
    )

    def prepare(self, target: Container) -> Receipt:
        """ForeignState where it does not run, or is paused already."""
        state = target.attrs["State"]
        if not state["Running"] or state["Paused"]:
            raise ForeignState(f"{target.name} does not run: it is {state['Status']}")
        return {}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Freeze it."""
        target.act("pause")

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether it is frozen."""
        return bool(target.attrs["State"]["Paused"])

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Let it go on."""
        if self.active(target, receipt):
            target.act("unpause")
