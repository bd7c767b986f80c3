"""A batch updates a table that has no key: the replica reads all of it again and again."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from faults import actors, tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _replication
from faults.mysql.server import MysqlServer
from faults.parameters import name, number


@dataclass(frozen=True, kw_only=True)
class UpdateWithoutKey(Checked):
    """Row events for a table without any key: quick on the source, scan after scan on the replica."""

    about: ClassVar[About] = About(
        id="mysql.update_without_key",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("replication:applier", "table:{table}"),
        see="one worker on one transaction, 'Applying batch of row changes'; seconds behind grow; tables"
        " without PRIMARY KEY in information_schema",
        fix="a primary key, on the replica first: STOP REPLICA, SET sql_log_bin = 0, ALTER TABLE … ADD"
        " PRIMARY KEY, START REPLICA; then on the source. More workers do not help; a restart begins the"
        " transaction again",
        settle_s=90.0,
        instant=False,
        on_replica=True,
    )

    program: str = name("stock-snapshot", means="program_name of the batch")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("stock_snapshot_2026", means="table without a key")
    rows: int = number(
        60_000, low=5_000, high=2_000_000, unit="rows", mild=60_000, severe=200_000, means="rows of the table"
    )
    changed_ratio: float = number(
        1.0,
        low=0.01,
        high=1.0,
        mild=0.5,
        severe=1.0,
        means="share of them, the newest, that each run changes",
    )
    pause_ms: int = number(5_000, low=0, high=600_000, unit="ms", means="pause between two runs of the batch")
    again_s: float = number(
        0.0,
        low=0.0,
        high=3600.0,
        unit="s",
        mild=0.0,
        severe=1.0,
        means="from the end of the batch's session to its next; 0: it stays away",
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """The table must not be there yet."""
        self._batch().refuse_present(target)
        actor = actors.actor_name(target.container, self.program)
        return {"actor": actor, "table": self.table, "source": target.source_host, "tag": tags.new()}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Make the table on the source, and start the batch there."""
        batch = self._batch()
        batch.make(target, receipt)
        update = f"UPDATE {self.table} SET on_hand = on_hand + 1, valued_at = NOW(6)"
        if self.changed_ratio < 1:
            update += f" WHERE counted_on >= {batch.day(round(batch.days * self.changed_ratio))}"
        work = Work(program=self.program, loop=[update], pause_ms=self.pause_ms)
        if away_ms := round(self.again_s * 1000):
            work = dataclasses.replace(work, respawn=True, away_ms=away_ms)
        actors.start(target.container, str(receipt["actor"]), target.source_login(self.role), work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the replica is late, and its table has no key."""
        return self._batch().indexes(target, receipt) == 0 and target.true(_replication.LATE)

    def revert(self, target: MysqlServer, receipt: Receipt) -> str:
        """End the batch, and remove its table."""
        actors.stop(target.container, str(receipt["actor"]))
        return self._batch().remove(target, receipt)

    def _batch(self) -> _replication.Batch:
        return _replication.Batch(table=self.table, rows=self.rows)
