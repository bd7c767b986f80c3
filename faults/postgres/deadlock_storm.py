"""Sessions lock the same rows, each in an order of its own."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class DeadlockStorm(Checked):
    """Sessions lock two of a few rows in random order: they deadlock, and others queue up meanwhile."""

    about: ClassVar[About] = About(
        id="postgres.deadlock_storm",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        lasts="{comes_back}",
        see="pg_stat_database.deadlocks; 40P01 with both statements in the log",
        fix="one order for all who lock (by id); until then end the program's sessions. A longer "
        "deadlock_timeout only lengthens each stall",
        settle_s=45.0,
        instant=False,
    )

    program: str = name("inventory-sync", means="application_name of the sessions")
    role: str = name("dba", means="role that they sign in as; has to be allowed to write the table")
    table: str = name("products", means="table of the rows")
    rows: int = number(
        3, low=2, high=1000, unit="rows", mild=8, severe=3, means="they choose from id 1 to this"
    )
    sessions: int = number(
        12, low=2, high=80, unit="sessions", mild=4, severe=40, means="how many do it at the same time"
    )
    comes_back: str = choice("no", "no", "yes", means="whether a session that was ended is opened again")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the client's name, and read the server's count of deadlocks."""
        return {"actor": _sessions.free_name(target, self.program), "deadlocks": int(self._count(target))}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the client."""
        lock = f"SELECT * FROM {self.table} WHERE id = {{random:1:{self.rows}}} FOR UPDATE"
        work = Work(
            program=self.program,
            sessions=self.sessions,
            loop=[lock, lock],
            within_ms=20,
            transaction=True,
            respawn=self.comes_back == "yes",
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether several of the program's sessions lock rows, and deadlocks have been counted since.

        The server forgets its count when it crashes.
        """
        counted = int(self._count(target))
        if counted in (0, int(receipt["deadlocks"])):
            return False
        locks = (
            "a.state IN ('active', 'idle in transaction') AND EXISTS (SELECT FROM pg_locks l"
            f" WHERE l.pid = a.pid AND l.granted AND l.relation = to_regclass({quoted(self.table)})"
            " AND l.mode = 'RowShareLock')"
        )
        at_it = _sessions.count(target, str(receipt["actor"]), self.program, locks)
        return _sessions.seen(target, str(receipt["actor"]), f"{at_it} > 1")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the client and its sessions."""
        _sessions.end(target, str(receipt["actor"]), self.program)

    def _count(self, target: PostgresServer) -> str:
        return target.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
