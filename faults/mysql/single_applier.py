"""One worker applies, and at each commit it waits for others to share its fsync with: there are none."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from faults import actors, tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _replication
from faults.mysql import _variables as variables
from faults.mysql.commit_delay import DELAY
from faults.mysql.server import MysqlServer
from faults.mysql.single_applier_huge_transaction import ONE_WORKER, WORKERS
from faults.parameters import name, number

DAYS = 10


@dataclass(frozen=True, kw_only=True)
class SingleApplier(Checked):
    """`replica_parallel_workers=1` with a commit delay: a bound on transactions a second, of any size.

    The source commits many small transactions at a time and the replica one after the other, each of which
    waits. Many workers share the wait.
    """

    about: ClassVar[About] = About(
        id="mysql.single_applier",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("replication:applier", f"setting:{WORKERS}", f"setting:{DELAY}", "table:{table}"),
        lasts="{persist}",
        see="performance_schema.replication_applier_status_by_worker: one worker, always on a transaction of"
        " one row that is old; SHOW GLOBAL VARIABLES LIKE 'replica_parallel_workers', 'binlog_group%';"
        " neither CPU nor disk is busy",
        fix="workers (STOP REPLICA SQL_THREAD, SET PERSIST replica_parallel_workers = 16, START REPLICA), or"
        " no wait at commit (SET PERSIST binlog_group_commit_sync_delay = 0)",
        settle_s=90.0,
        instant=False,
        on_replica=True,
    )

    program: str = name("shelf-scanner", means="program_name of the batch")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("shelf_counts_2026", means="table that it works over")
    sessions: int = number(8, low=1, high=10, unit="sessions", means="sessions, each with rows of its own")
    pause_ms: int = number(
        80, low=0, high=600_000, unit="ms", means="pause between two transactions of a session"
    )
    delay_us: int = number(
        40_000,
        low=1,
        high=1_000_000,
        unit="µs",
        mild=20_000,
        severe=1_000_000,
        means="how long a commit of the replica waits",
    )
    again_s: float = number(
        0.0,
        low=0.0,
        high=3600.0,
        unit="s",
        mild=0.0,
        severe=1.0,
        means="from the end of a session of the batch to its next; 0: it stays away",
    )
    persist: str = variables.persist("yes")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember workers and delay; the table must not be there yet."""
        self._batch().refuse_present(target)
        actor = actors.actor_name(target.container, self.program)
        wanted = {WORKERS: "1", DELAY: str(self.delay_us)}
        kept = variables.remember(target, wanted)
        return {"actor": actor, "source": target.source_host, "tag": tags.new(), **kept}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Make the table on the source; leave one worker, let it wait, and start the batch."""
        self._batch().make(target, receipt)
        variables.put(target, WORKERS, "1", self.persist)
        variables.put(target, DELAY, str(self.delay_us), self.persist)
        _replication.with_applier_stopped(target)
        share = _replication.PRODUCTS // self.sessions
        update = (
            f"UPDATE {self.table} SET on_hand = on_hand + 1, valued_at = NOW(6)"
            f" WHERE product_id = {{worker}} * {share} + {{random:1:{share}}}"
            f" AND counted_on = {self._batch().day(1)}"
        )
        work = Work(program=self.program, sessions=self.sessions, loop=[update], pause_ms=self.pause_ms)
        if away_ms := round(self.again_s * 1000):
            work = dataclasses.replace(work, respawn=True, away_ms=away_ms)
        actors.start(target.container, str(receipt["actor"]), target.source_login(self.role), work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the replica is late, with its one worker that waits."""
        waits = variables.held(target, receipt, DELAY)
        return waits and target.true(f"{ONE_WORKER} AND {_replication.LATE}")

    def revert(self, target: MysqlServer, receipt: Receipt) -> str:
        """End the batch, give delay and workers back, remove the table."""
        actors.stop(target.container, str(receipt["actor"]))
        variables.give_back(target, receipt, DELAY)
        changed = variables.held(target, receipt, WORKERS)
        variables.give_back(target, receipt, WORKERS)
        if changed or target.true(ONE_WORKER):
            _replication.with_applier_stopped(target)
        return self._batch().remove(target, receipt)

    def _batch(self) -> _replication.Batch:
        keys = ("PRIMARY KEY (product_id, counted_on)",)
        return _replication.Batch(table=self.table, rows=DAYS * _replication.PRODUCTS, keys=keys)
