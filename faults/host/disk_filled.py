"""A forgotten file takes the room of a volume."""

from dataclasses import dataclass
from typing import ClassVar

from faults import ballast
from faults.beside import run_beside
from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number, text

SHORT_BYTES = 1024**2
LEFT = f'if {ballast.OURS}; then df -B1 --output=avail "$1" | tail -n 1; fi'
"""The room that is left beside our file; nothing where it is gone."""


@dataclass(frozen=True, kw_only=True)
class DiskFilled(Checked):
    """A file fills the volume that a folder lies on; only a small volume of its own is ever filled."""

    about: ClassVar[About] = About(
        id="host.disk_filled",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("volume:*",),
        see="No space left on device in its log; df of the folder, du of what is in it",
        fix="remove what is none of the program's, or enlarge the volume; never a file of the program",
        needs=ballast.NEEDS,
    )

    folder: str = text("/data", means="folder on the volume")
    file: str = name("export-old.tar", means="name of the file, at the volume's top")
    leave_kb: int = number(64, low=0, high=1000, unit="kB", mild=1000, severe=0, means="room that is left")

    def prepare(self, target: Container) -> Receipt:
        """Look at the volume: MissingCapability where it is not capped."""
        if not target.running:
            raise ForeignState(f"{target.name} does not run")
        return ballast.prepared(target, self.folder, self.file)

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Fill it."""
        ballast.fill(target, receipt, leave_bytes=self.leave_kb * 1024)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether the file is there and room is short; of a container that is down, its volume says so."""
        words = ("sh", "-c", LEFT, "sh", str(receipt["file"]), str(receipt["tag"]))
        left = target.exec(*words, reads=True).text if target.running else run_beside(target, *words)
        return bool(left.strip()) and int(left) < SHORT_BYTES

    def revert(self, target: Container, receipt: Receipt) -> str:
        """Remove the file if it is ours, and start a container that went down of it."""
        left = ballast.remove(target, receipt)
        if not target.running:
            target.act("start")
        return left
