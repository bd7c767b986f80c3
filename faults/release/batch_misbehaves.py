"""A new batch job goes out that is harmless on a small copy of the data, and is not on all of it."""

from dataclasses import dataclass
from typing import ClassVar

from faults import actors
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _roles
from faults.postgres.server import PostgresServer

CHAPTER = (
    "SELECT date_trunc('day', o.created_at), count(DISTINCT o.customer_id), sum(l.quantity * l.price_cents),"
    " percentile_cont(0.95) WITHIN GROUP (ORDER BY o.total_cents)"
    " FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY 1 ORDER BY 1"
)
LOCK = "LOCK TABLE orders IN SHARE MODE"
"""Nobody may write while a report is made, so that its chapters agree: the classic way to get it wrong."""


@dataclass(frozen=True, kw_only=True)
class BatchMisbehaves(Checked):
    """A job's report over all orders runs on the live database by a schedule, and comes back when ended."""

    about: ClassVar[About] = About(
        id="release.batch_misbehaves",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role:{role}", "lock:orders"),
        see="pg_stat_activity: its application_name and query, again after each pg_terminate_backend();"
        " pg_blocking_pids() of the writers that wait; CPU and temporary files",
        fix="stop its owner: the job's container, or its role (NOLOGIN), then pg_terminate_backend() of what"
        " runs; the report belongs on a replica, and in a snapshot (REPEATABLE READ) instead of a lock",
    )

    program: str = name("settlement-report", means="application_name of the job")
    role: str = name("batch_settlement", means="role that it signs in as, made for it")
    locks: str = choice(
        "writers", "writers", "nobody", mild="nobody", severe="writers", means="whom it keeps from the orders"
    )
    chapters: int = number(
        10, low=1, high=1000, unit="queries", mild=1, severe=100, means="queries over all orders in one run"
    )
    every_s: int = number(
        10, low=1, high=3600, unit="s", mild=300, severe=1, means="pause until the next run, or after its end"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose names; the role must not be there."""
        return _roles.prepared(target, self.role, self.program)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Make its role, and let the job begin."""
        _roles.create(target, self.role, receipt, "pg_read_all_data", "pg_maintain")
        lock = [LOCK] if self.locks == "writers" else []
        work = Work(
            program=self.program,
            loop=[*lock, *[CHAPTER] * self.chapters],
            transaction=True,
            pause_ms=self.every_s * 1000,
            respawn=True,
            away_ms=self.every_s * 1000,
        )
        _roles.start(target, self.role, receipt, work)
        reads = "a.state = 'active' AND a.query LIKE 'SELECT%'"
        target.wait_for(self._session(target, receipt, reads), what=f"{self.program} reads the orders")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it runs, or its owner will start it again."""
        may_sign_in = _roles.ours(self.role, receipt, "rolcanlogin AND rolconnlimit <> 0")
        comes_back = actors.running(target.container, str(receipt["actor"])) and target.true(may_sign_in)
        return comes_back or target.true(self._session(target, receipt, "true"))

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the job, its session and its role."""
        _roles.end(target, self.role, receipt, self.program)
        return _roles.drop(target, self.role, receipt)

    def _session(self, target: PostgresServer, receipt: Receipt, condition: str) -> str:
        return _roles.session(target, self.role, receipt, self.program, condition)
