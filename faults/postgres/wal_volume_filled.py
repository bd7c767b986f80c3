"""The volume of the WAL is full, and the server is down."""

import contextlib
from dataclasses import dataclass
from typing import ClassVar

from faults import ballast
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed
from faults.parameters import name, number
from faults.postgres import _volume
from faults.postgres.server import PostgresServer
from faults.wait import until

# Up to the end of the last segment that there is, and a little further without waiting for it to be
# written: so the server's own WAL writer meets the end of the volume, and nobody's statement is in the log.
ADVANCE = """DO $$
DECLARE size int := pg_size_bytes(current_setting('wal_segment_size'));
BEGIN
  WHILE EXISTS (SELECT FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'
                AND name > pg_walfile_name(pg_current_wal_insert_lsn())) LOOP
    PERFORM pg_logical_emit_message(false, '', ''), pg_switch_wal();
  END LOOP;
  PERFORM pg_logical_emit_message(false, '', repeat(' ',
    greatest(0, size - 262144 - mod(pg_current_wal_insert_lsn() - '0/0', size)::int)), true);
  PERFORM pg_logical_emit_message(false, '', repeat(' ', 524288));
END $$"""


@dataclass(frozen=True, kw_only=True)
class WalVolumeFilled(Checked):
    """A forgotten file fills the volume of pg_wal: the server ends with PANIC and cannot start."""

    about: ClassVar[About] = About(
        id="postgres.wal_volume_filled",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("volume:wal", "processes"),
        see="the log: PANIC, could not write to file pg_wal/xlogtemp …: No space left on device; the "
        "container has exited, and exits again when started",
        fix="remove what is none of the server's from the volume (or enlarge it), start the server; never "
        "delete WAL, never pg_resetwal",
        needs=ballast.NEEDS,
        settle_s=60,
        instant=False,
        takes_down=True,
    )

    file: str = name("shop-before-migration.dump", means="name of the file, at the volume's top")
    leave_kb: int = number(64, low=0, high=8000, unit="kB", mild=8000, severe=0, means="room that is left")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Look at the volume."""
        return _volume.prepare(target, "pg_wal", self.file)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Fill it, write as much WAL as there is room for already, and see the server go."""
        ballast.fill(target.container, receipt, leave_bytes=self.leave_kb * 1024)
        with contextlib.suppress(ExecFailed):
            target.run(ADVANCE)
        until(
            lambda: not target.container.running or None,
            what=f"{target.name} goes down for want of room for its WAL",
            timeout_s=60,
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the server is down, or the file is there and the volume is short of room."""
        return not target.container.running or _volume.full(target, receipt)

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the file, start the server."""
        return _volume.clear(target, receipt)
