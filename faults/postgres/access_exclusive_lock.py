"""A maintenance job locks a table and does not come to an end."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class AccessExclusiveLock(Checked):
    """`LOCK TABLE` in a transaction that stays open: nobody else reads or writes the table."""

    about: ClassVar[About] = About(
        id="postgres.access_exclusive_lock",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("lock:{table}",),
        lasts="no",
        see="pg_locks of the table: one granted, many not; pg_blocking_pids() of who waits",
        fix="pg_terminate_backend(pid) of the holder; lock_timeout and smaller steps for the job",
    )

    program: str = name("nightly-maintenance", means="application_name of the holder")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("orders", means="table that it locks")
    mode: str = choice(
        "ACCESS EXCLUSIVE",
        "SHARE",
        "EXCLUSIVE",
        "ACCESS EXCLUSIVE",
        mild="EXCLUSIVE",
        severe="ACCESS EXCLUSIVE",
        means="SHARE and EXCLUSIVE stop writers only, ACCESS EXCLUSIVE readers as well",
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the holder's name."""
        return {"actor": _sessions.free_name(target, self.program)}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the holder."""
        lock = f"LOCK TABLE {self.table} IN {self.mode} MODE"
        work = Work(program=self.program, begin=[lock], transaction=True)
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the holder's session sits in its transaction and has the lock."""
        mode = self.mode.title().replace(" ", "") + "Lock"
        holds = _sessions.holding(self.table, mode)
        return target.true(_sessions.of(target, str(receipt["actor"]), self.program, holds))

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the holder; the server gives the lock up."""
        _sessions.end(target, str(receipt["actor"]), self.program)
