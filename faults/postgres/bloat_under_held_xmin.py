"""A report's old snapshot keeps every dead row alive, while another job makes more."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name, number
from faults.postgres import _bloat, _sessions
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class BloatUnderHeldXmin(Checked):
    """A REPEATABLE READ transaction stays open beside a job that rewrites a table: VACUUM removes nothing."""

    about: ClassVar[About] = About(
        id="postgres.bloat_under_held_xmin",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("bloat:{table}",),
        lasts="no",
        see="oldest backend_xmin in pg_stat_activity; VACUUM VERBOSE: 'dead but not yet removable'",
        fix="pg_terminate_backend(pid) of the snapshot's holder, then VACUUM (FULL for the space, which "
        "locks the table); more vacuum workers do nothing",
        settle_s=30.0,
        instant=False,
    )

    holder: str = name("weekly-report", means="application_name of the snapshot's holder")
    holder_role: str = name("shop", means="role that the holder signs in as")
    program: str = name("price-sync", means="application_name of the job that rewrites the table")
    role: str = name("dba", means="role that the job signs in as; has to be allowed to write the table")
    table: str = name("products", means="table that it rewrites; a small one")
    column: str = name("stock", means="column that it sets to itself")
    pause_ms: int = number(
        1000, low=50, high=60_000, unit="ms", mild=10_000, severe=200, means="between two rewrites"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the clients' names, and remember how large the table is."""
        return {
            "holder": _sessions.free_name(target, self.holder),
            "churn": _sessions.free_name(target, self.program),
            "pages": _bloat.pages(target, self.table),
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the holder; once it has its snapshot, the job."""
        snapshot = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM orders"]
        holder = Work(program=self.holder, begin=snapshot, transaction=True)
        _sessions.begin(target, str(receipt["holder"]), self.holder_role, holder)
        target.wait_for(self._held(target, receipt), what=f"{self.holder} has its snapshot")
        churn = _bloat.churn(self.program, self.table, self.column, pause_ms=self.pause_ms)
        _sessions.begin(target, str(receipt["churn"]), self.role, churn)
        _bloat.wait_until_grown(target, self.program, self.table, receipt)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the table is bloated, and the holder still sits on the snapshot that keeps it so."""
        return target.true(f"{_bloat.grown(self.table, receipt)} AND {self._held(target, receipt)}")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove both clients, and give the space back."""
        _sessions.end(target, str(receipt["churn"]), self.program)
        _sessions.end(target, str(receipt["holder"]), self.holder)
        _bloat.compact(target, self.table, receipt)

    def _held(self, target: PostgresServer, receipt: Receipt) -> str:
        sits = "a.state = 'idle in transaction' AND a.backend_xmin IS NOT NULL"
        return _sessions.of(target, str(receipt["holder"]), self.holder, sits)
