"""The volume of the tables is full."""

from dataclasses import dataclass
from typing import ClassVar

from faults import ballast
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import name, number
from faults.postgres import _volume
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class DataVolumeFilled(Checked):
    """A forgotten file fills the volume that a table lies on: reads are served, what needs room fails."""

    about: ClassVar[About] = About(
        id="postgres.data_volume_filled",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("volume:data",),
        see="the log: could not extend file … No space left on device (53100); df of the data directory",
        fix="remove what is none of the server's, or enlarge the volume; never a file of the server",
        needs=ballast.NEEDS,
    )

    table: str = name("orders", means="table whose volume is filled")
    file: str = name("shop-before-migration.dump", means="name of the file, at the volume's top")
    leave_kb: int = number(64, low=0, high=8000, unit="kB", mild=8000, severe=0, means="room that is left")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Look at the volume."""
        path = target.value(f"SELECT pg_relation_filepath(to_regclass({quoted(self.table)}))")
        if not path:
            raise NoTarget(f"{target.name} has no table {self.table}")
        return _volume.prepare(target, path, self.file)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Fill it."""
        ballast.fill(target.container, receipt, leave_bytes=self.leave_kb * 1024)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the file is there and the volume is short of room."""
        return _volume.full(target, receipt)

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the file."""
        return _volume.clear(target, receipt)
