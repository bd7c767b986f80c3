"""One worker applies, one transaction after another, what many sessions of a batch do at once."""

from dataclasses import dataclass
from typing import ClassVar

from faults import actors, tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _replication
from faults.mysql import _variables as variables
from faults.mysql.server import MysqlServer
from faults.parameters import name, number

WORKERS = "replica_parallel_workers"
ONE_WORKER = f"(SELECT COUNT(*) FROM {_replication.WORKERS}) = 1"


@dataclass(frozen=True, kw_only=True)
class SingleApplierHugeTransaction(Checked):
    """`replica_parallel_workers=1` under huge transactions: what comes after one waits for it."""

    about: ClassVar[About] = About(
        id="mysql.single_applier_huge_transaction",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("replication:applier", f"setting:{WORKERS}", "table:{table}"),
        lasts="{persist}",
        see="performance_schema.replication_applier_status_by_worker: one worker, always busy, with old"
        " commits; the source's binary log grows in leaps (mysqlbinlog: transactions of megabytes)",
        fix="end the batch, let it commit in small pieces; workers as before (STOP REPLICA SQL_THREAD, SET"
        " PERSIST replica_parallel_workers, START REPLICA)",
        settle_s=90.0,
        instant=False,
        on_replica=True,
    )

    program: str = name("stock-valuation", means="program_name of the batch")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("stock_valuation_2026", means="table that it works over")
    rows: int = number(
        200_000,
        low=10_000,
        high=5_000_000,
        unit="rows",
        mild=50_000,
        severe=400_000,
        means="rows of the table",
    )
    sessions: int = number(4, low=1, high=10, unit="sessions", means="sessions that share the rows")
    pause_ms: int = number(
        1_000, low=0, high=600_000, unit="ms", means="pause between two of their transactions"
    )
    persist: str = variables.persist("yes")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the number of workers; the table must not be there yet."""
        self._batch().refuse_present(target)
        actor = actors.actor_name(target.container, self.program)
        workers = variables.remember(target, {WORKERS: "1"})
        return {"actor": actor, "source": target.source_host, "tag": tags.new(), **workers}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Leave one worker; make the table on the source, and start the batch there."""
        variables.put(target, WORKERS, "1", self.persist)
        _replication.with_applier_stopped(target)
        self._batch().make(target, receipt)
        share = _replication.PRODUCTS // self.sessions
        update = (
            f"UPDATE {self.table} SET on_hand = on_hand + 1, valued_at = NOW(6)"
            f" WHERE product_id BETWEEN {{worker}} * {share} + 1 AND {{worker}} * {share} + {share}"
        )
        work = Work(program=self.program, sessions=self.sessions, loop=[update], pause_ms=self.pause_ms)
        actors.start(target.container, str(receipt["actor"]), target.source_login(self.role), work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the replica is late, with its one worker."""
        return target.true(f"{ONE_WORKER} AND {_replication.LATE}")

    def revert(self, target: MysqlServer, receipt: Receipt) -> str:
        """End the batch, give the workers back, remove the table."""
        actors.stop(target.container, str(receipt["actor"]))
        changed = variables.held(target, receipt, WORKERS)
        variables.give_back(target, receipt, WORKERS)
        if changed or target.true(ONE_WORKER):
            _replication.interrupt(target)
            _replication.with_applier_stopped(target)
        return self._batch().remove(target, receipt)

    def _batch(self) -> _replication.Batch:
        keys = ("PRIMARY KEY (product_id, counted_on)", "KEY (on_hand)", "KEY (valued_at)")
        return _replication.Batch(table=self.table, rows=self.rows, keys=keys)
