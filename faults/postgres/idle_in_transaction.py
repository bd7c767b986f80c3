"""A client locks rows, and goes silent with its transaction open."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class IdleInTransaction(Checked):
    """A session that locks rows and then waits for ever: whoever writes or refers to them waits too."""

    about: ClassVar[About] = About(
        id="postgres.idle_in_transaction",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        lasts="no",
        see="pg_stat_activity: state 'idle in transaction', xact_start; pg_blocking_pids() of who waits",
        fix="pg_terminate_backend(pid) of the holder (pg_cancel_backend does nothing to an idle session); "
        "then idle_in_transaction_session_timeout on its role",
    )

    program: str = name("billing-batch", means="application_name of the holder")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("customers", means="table whose rows it holds")
    rows: int = number(
        20_000, low=1, high=200_000, unit="rows", mild=100, severe=200_000, means="rows with id 1 to this"
    )
    lock: str = choice(
        "FOR UPDATE",
        "FOR NO KEY UPDATE",
        "FOR UPDATE",
        means="FOR UPDATE stops those who refer to the rows as well (an order of the customer)",
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the holder's name."""
        return {"actor": _sessions.free_name(target, self.program)}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the holder."""
        select = f"SELECT id FROM {self.table} WHERE id <= {self.rows} ORDER BY id {self.lock}"
        work = Work(program=self.program, begin=[select], transaction=True)
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the holder's session sits in its transaction and holds its lock on the table."""
        holds = _sessions.holding(self.table, "RowShareLock")
        return target.true(_sessions.of(target, str(receipt["actor"]), self.program, holds))

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the holder; the server ends what it held."""
        _sessions.end(target, str(receipt["actor"]), self.program)
