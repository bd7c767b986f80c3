"""A client changes rows, and goes silent with its transaction open."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql.server import MysqlServer
from faults.parameters import name, number


@dataclass(frozen=True, kw_only=True)
class IdleTransactionWithRowLocks(Checked):
    """A session that updates rows of a table and then waits for ever, holding the rows' locks."""

    about: ClassVar[About] = About(
        id="mysql.idle_transaction_with_row_locks",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        lasts="no",
        see="sys.innodb_lock_waits (blocking_pid, its trx_started); information_schema.innodb_trx of a"
        " session whose COMMAND is Sleep",
        fix="KILL the holder's connection (KILL QUERY does nothing to an idle one); then find who forgot the"
        " COMMIT; a shorter innodb_lock_wait_timeout only changes how the waiters die",
    )

    program: str = name("billing-batch", means="program_name of the holder")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("stock", means="table whose rows it holds")
    column: str = name("reserved", means="column that it adds nothing to")
    key: str = name("product_id", means="key of the table")
    rows: int = number(
        20, low=1, high=100_000, unit="rows", mild=1, severe=500, means="rows whose key is 1 to this"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the holder's name."""
        return {"actor": _sessions.free_name(target, self.program), "program": self.program}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Start the holder."""
        # An update that changes nothing locks as any other does, and leaves nothing to roll back.
        update = f"UPDATE {self.table} SET {self.column} = {self.column} WHERE {self.key} <= {self.rows}"
        work = Work(program=self.program, begin=[update], transaction=True)
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the holder's session sleeps in a transaction that holds rows."""
        holds = "s.PROCESSLIST_COMMAND = 'Sleep' AND " + _sessions.in_transaction("t.trx_rows_locked > 0")
        ours = _sessions.of(target, str(receipt["actor"]), str(receipt["program"]), holds)
        return target.true(ours)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the holder; the server ends what it held."""
        _sessions.end(target, str(receipt["actor"]), str(receipt["program"]))
