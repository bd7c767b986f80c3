"""A container dies and stays dead."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import choice


@dataclass(frozen=True, kw_only=True)
class Kill(Checked):
    """Its first process is killed, and nobody starts it again, whatever its restart policy."""

    about: ClassVar[About] = About(
        id="host.kill",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("processes",),
        lasts="no",
        see="connections are refused; the name resolves no more; docker ps -a: Exited (137)",
        fix="start it, and look what it lost",
        takes_down=True,
    )

    signal: str = choice(
        "SIGKILL",
        "SIGKILL",
        "SIGTERM",
        mild="SIGTERM",
        severe="SIGKILL",
        means="by which it dies: at once, or in order",
    )

    def prepare(self, target: Container) -> Receipt:
        """ForeignState where it does not run."""
        state = target.attrs["State"]
        if not state["Running"] or state["Paused"]:
            raise ForeignState(f"{target.name} does not run: it is {state['Status']}")
        return {}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Kill it, as `docker kill` or `docker stop` does: the engine then leaves it dead."""
        target.act("kill") if self.signal == "SIGKILL" else target.act("stop", timeout=20)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether it is dead."""
        return not target.running

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Start it."""
        if not target.running:
            target.act("start")
