"""A change of a table waits for a report, and everybody waits for the change."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql.server import MysqlServer
from faults.parameters import name


@dataclass(frozen=True, kw_only=True)
class MetadataLock(Checked):
    """`ALTER TABLE … ENGINE=InnoDB` (a rebuild) behind an open report: all who come later queue up."""

    about: ClassVar[About] = About(
        id="mysql.metadata_lock",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("lock:{table}",),
        lasts="no",
        see="'Waiting for table metadata lock' in the process list; sys.schema_table_lock_waits (it names the"
        " waiting ALTER as a blocker too); performance_schema.metadata_locks",
        fix="KILL the report (the ALTER then runs) or the ALTER, never those behind; lock_wait_timeout of a"
        " few seconds for every migration",
        one_strength="all who come after the change wait, for as long as it does",
    )

    report: str = name("sales-report", means="program_name of the report")
    report_role: str = name("shop", means="role that the report signs in as")
    program: str = name("table-maintenance", means="program_name of the change")
    role: str = name("dba", means="role that the change signs in as")
    table: str = name("stock", means="table that is altered")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the clients' names."""
        return {
            "report": _sessions.free_name(target, self.report),
            "change": _sessions.free_name(target, self.program),
        }

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Start the report, and once it holds the table, the change."""
        read = f"SELECT COUNT(*) FROM {self.table}"
        work = Work(program=self.report, begin=[read], transaction=True)
        _sessions.begin(target, str(receipt["report"]), self.report_role, work)
        holds = _sessions.locking("GRANTED", "TABLE", "SHARED_READ", self.table)
        asleep = f"s.PROCESSLIST_COMMAND = 'Sleep' AND {holds}"
        read = _sessions.of(target, str(receipt["report"]), self.report, asleep)
        target.wait_for(read, what=f"{self.report} has read {self.table}")
        work = Work(program=self.program, begin=[f"ALTER TABLE {self.table} ENGINE=InnoDB"])
        _sessions.begin(target, str(receipt["change"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the change waits for the table."""
        waits = _sessions.locking("PENDING", "TABLE", "EXCLUSIVE", self.table)
        return target.true(_sessions.of(target, str(receipt["change"]), self.program, waits))

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the change, then the report."""
        _sessions.end(target, str(receipt["change"]), self.program)
        _sessions.end(target, str(receipt["report"]), self.report)
