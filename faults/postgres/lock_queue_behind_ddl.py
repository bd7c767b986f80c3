"""A migration waits for a report, and everybody waits for the migration."""

from dataclasses import dataclass
from typing import ClassVar

from faults import tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name
from faults.postgres import _owned, _sessions
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class LockQueueBehindDdl(Checked):
    """`ALTER TABLE … ADD COLUMN` without lock_timeout behind an open report: all who come later queue up."""

    about: ClassVar[About] = About(
        id="postgres.lock_queue_behind_ddl",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("lock:{table}", "column:{table}.{column}"),
        lasts="no",
        see="pg_blocking_pids(): everybody is blocked by the ALTER, which is blocked by the report",
        fix="pg_cancel_backend(pid) of the ALTER, service is back at once; run it again with lock_timeout",
        one_strength="all who come after the migration wait, for as long as it does",
    )

    report: str = name("sales-report", means="application_name of the report")
    report_role: str = name("shop", means="role that the report signs in as")
    program: str = name("schema-migration", means="application_name of the migration")
    role: str = name("dba", means="role that the migration signs in as; has to own the table")
    table: str = name("orders", means="table that is altered")
    column: str = name("delivery_note", means="column that the migration adds")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the clients' names; the column must not be there."""
        if target.true(self._column.there):
            raise ForeignState(f"{self.table}.{self.column} is there already on {target.name}")
        return {
            "report": _sessions.free_name(target, self.report),
            "migration": _sessions.free_name(target, self.program),
            "tag": tags.new(),
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the report, and once it holds the table, the migration."""
        report = f"SELECT status, count(*), sum(total_cents) FROM {self.table} GROUP BY status"
        if self.table != "orders":
            report = f"SELECT count(*) FROM {self.table}"
        work = Work(program=self.report, begin=[report], transaction=True)
        _sessions.begin(target, str(receipt["report"]), self.report_role, work)
        held = _sessions.holding(self.table, "AccessShareLock")
        held = _sessions.of(target, str(receipt["report"]), self.report, held)
        target.wait_for(held, what=f"{self.report} has read {self.table}")
        # Two statements, one transaction: where it gets through, the column is known for its own.
        alter = f"ALTER TABLE {self.table} ADD COLUMN {self.column} text; {self._column.mark(receipt)}"
        work = Work(program=self.program, begin=[alter])
        _sessions.begin(target, str(receipt["migration"]), self.role, work)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the migration waits for the table."""
        waits = (
            "EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted"
            f" AND l.relation = to_regclass({quoted(self.table)}))"
        )
        return target.true(_sessions.of(target, str(receipt["migration"]), self.program, waits))

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the migration, then the report; drop the column where this migration got through."""
        _sessions.end(target, str(receipt["migration"]), self.program)
        _sessions.end(target, str(receipt["report"]), self.report)
        return self._column.remove(target, receipt, f"ALTER TABLE {self.table} DROP COLUMN {self.column}")

    @property
    def _column(self) -> _owned.Owned:
        return _owned.column(self.table, self.column)
