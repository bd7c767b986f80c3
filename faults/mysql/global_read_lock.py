"""A backup locks every table, and does not let go."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql.server import MysqlServer
from faults.parameters import name


@dataclass(frozen=True, kw_only=True)
class GlobalReadLock(Checked):
    """`FLUSH TABLES WITH READ LOCK` by a backup that then hangs: reads go on, every write waits."""

    about: ClassVar[About] = About(
        id="mysql.global_read_lock",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("lock:*", "writes"),
        lasts="no",
        see="'Waiting for global read lock' in the process list; performance_schema.metadata_locks with"
        " OBJECT_TYPE GLOBAL, SHARED, GRANTED: its OWNER_THREAD_ID in performance_schema.threads",
        fix="KILL the holder's connection; a backup that needs no such lock (LOCK INSTANCE FOR BACKUP,"
        " --single-transaction)",
        one_strength="one lock stops every write of the server, for as long as it is held",
    )

    program: str = name("nightly-backup", means="program_name of the backup")
    role: str = name("dba", means="role that it signs in as; needs RELOAD")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the backup's name."""
        return {"actor": _sessions.free_name(target, self.program), "program": self.program}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Start the backup."""
        work = Work(program=self.program, begin=["FLUSH TABLES WITH READ LOCK"])
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the backup has its lock."""
        holds = _sessions.locking("GRANTED", "GLOBAL", "SHARED")
        ours = _sessions.of(target, str(receipt["actor"]), str(receipt["program"]), holds)
        return target.true(ours)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the backup, and its lock with it."""
        _sessions.end(target, str(receipt["actor"]), str(receipt["program"]))
