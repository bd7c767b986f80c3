"""A client changes a row, and goes silent with its transaction open."""

from dataclasses import dataclass
from typing import ClassVar

from faults import actors
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name, number
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class IdleInTransaction(Checked):
    """Sessions that update rows of a table and then wait for ever, holding the rows' locks."""

    about: ClassVar[About] = About(
        id="postgres.idle_in_transaction",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        see="pg_stat_activity: state 'idle in transaction', xact_start; pg_blocking_pids() of who waits",
        fix="pg_terminate_backend(pid) of the holder (pg_cancel_backend does nothing to an idle session); "
        "then idle_in_transaction_session_timeout on its role",
    )

    program: str = name("billing-batch", means="application_name of the holder")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("orders", means="table whose rows it holds")
    column: str = name("status", means="column that it sets to itself")
    rows: int = number(
        10, low=1, high=100_000, unit="rows", mild=1, severe=5000, means="rows with id 1 to this"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the holder's name."""
        return {"actor": actors.actor_name(target.container, self.program), "program": self.program}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the holder."""
        update = f"UPDATE {self.table} SET {self.column} = {self.column} WHERE id <= {self.rows}"
        work = actors.Work(program=self.program, begin=[update], transaction=True)
        actors.start(target.container, str(receipt["actor"]), target.login(self.role), work)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the holder's session sits in its transaction and holds the table's lock."""
        return target.true(
            "EXISTS (SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)"
            f" WHERE a.application_name = {quoted(str(receipt['program']))}"
            " AND a.state = 'idle in transaction'"
            f" AND l.relation = {quoted(self.table)}::regclass AND l.mode = 'RowExclusiveLock')"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the holder; the server ends what it held."""
        actors.stop(target.container, str(receipt["actor"]))
