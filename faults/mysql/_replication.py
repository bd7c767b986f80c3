"""What the faults of a replica have in common: its applier, its own writes, a batch's table on its source."""

from collections.abc import Sequence
from dataclasses import dataclass

from faults import tags
from faults.core import Receipt
from faults.errors import ExecFailed, ForeignState
from faults.mysql.server import MysqlServer, quoted
from faults.wait import until

PRODUCTS = 500
"""How many the shop's stock has."""
ROLLED_BACK_S = 120
"""A transaction takes about as long to be rolled back as it took; a change of the table waits for it."""
LOCKED = "ERROR 1205"
WORKERS = "performance_schema.replication_applier_status_by_worker"
LATE = (
    f"EXISTS (SELECT * FROM {WORKERS} w WHERE w.APPLYING_TRANSACTION <> ''"
    " AND w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP < NOW(6) - INTERVAL 2 SECOND)"
)
"""SQL: a transaction that the source committed a while ago is still being applied."""
APPLYING = (
    "SELECT PROCESSLIST_ID FROM performance_schema.threads"
    " WHERE NAME = 'thread/sql/replica_worker' AND PROCESSLIST_STATE LIKE 'Applying%'"
)
STOPPED = "'OFF' = (SELECT SERVICE_STATE FROM performance_schema.replication_applier_status)"
"""SQL: the applier does not run."""


def require_unfollowed(target: MysqlServer) -> None:
    """Raise ForeignState where a replica follows: a server made anew would be older than it."""
    found = target.rows(
        "SELECT PROCESSLIST_USER, PROCESSLIST_HOST FROM performance_schema.threads"
        " WHERE PROCESSLIST_COMMAND LIKE 'Binlog Dump%'"
    )
    if found:
        raise ForeignState(
            f"{target.name} is followed by {', '.join('@'.join(row) for row in found)}: the undo makes the"
            " server anew from its image, older than its replica, which could not follow any more",
            hint="do it to a server that nobody follows",
        )


def with_applier_stopped(target: MysqlServer, *statements: str) -> None:
    """Run statements while nothing is applied, then apply on."""
    target.run("STOP REPLICA SQL_THREAD", *statements, "START REPLICA")


def interrupt(target: MysqlServer) -> None:
    """End what the workers are in the middle of: a stop would wait for it, and it begins again anyway."""
    for (ident,) in target.rows(APPLYING):
        target.run(f"KILL {int(ident)}")


def catch_up(target: MysqlServer, within_s: int = 60) -> None:
    """Give the replica time to apply all that its source has committed."""
    done = "".join(row[0] for row in target.source_rows("SELECT REPLACE(@@GLOBAL.gtid_executed, '\\n', '')"))
    target.rows(f"SELECT WAIT_FOR_EXECUTED_GTID_SET({quoted(done)}, {within_s})")


def alone(target: MysqlServer, *statements: str) -> None:
    """Write on the replica itself, past super_read_only and past its binary log."""
    strict = target.true("@@GLOBAL.super_read_only")
    try:
        target.run("SET GLOBAL super_read_only = OFF", "SET SESSION sql_log_bin = OFF", *statements)
    finally:
        if strict:
            target.run("SET GLOBAL super_read_only = ON")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A table of counts, a product and a day each, that a batch on the source works over.

    The receipt's tag is its comment: only a table that has it is altered or removed.
    """

    table: str
    rows: int
    keys: Sequence[str] = ()

    @property
    def days(self) -> int:
        """How many days it has of each product."""
        return self.rows // PRODUCTS

    def day(self, ago: object) -> str:
        """SQL: the day so many days before the year began."""
        return f"DATE('2026-01-01') - INTERVAL {ago} DAY"

    def refuse_present(self, target: MysqlServer) -> None:
        """ForeignState where the source or the replica has such a table."""
        if target.rows(self._comment) or target.source_rows(self._comment):
            raise ForeignState(f"{target.name} or its source has a table {self.table} already")

    def indexes(self, target: MysqlServer, receipt: Receipt) -> int | None:
        """How many indexes it has on the replica; None where it is not there, or not ours."""
        ours = f"TABLE_COMMENT = {quoted(str(receipt['tag']))}"
        of_table = f"TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {quoted(self.table)}"
        there, count = target.rows(
            f"SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE {of_table} AND {ours}),"
            f" (SELECT COUNT(DISTINCT INDEX_NAME) FROM information_schema.STATISTICS WHERE {of_table})"
        )[0]
        return int(count) if there == "1" else None

    def make(self, target: MysqlServer, receipt: Receipt) -> None:
        """Make it on the source, as the DBA, and let the replica have it."""
        keys = "".join(f", {key}" for key in self.keys)
        comment = quoted(str(receipt["tag"]))
        target.run_on_source(
            f"CREATE TABLE {self.table} (product_id INT NOT NULL, counted_on DATE NOT NULL,"
            f" on_hand INT NOT NULL, valued_at TIMESTAMP(6) NOT NULL{keys}) COMMENT = {comment}",
            # Nothing that the shop reads or writes is locked for it.
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            # Day after day, as such a table grows: the newest rows are its last.
            f"INSERT INTO {self.table} SELECT s.product_id, {self.day('d.id')},"
            f" s.on_hand, NOW(6) FROM stock s JOIN stock_movements d WHERE d.id <= {self.days}"
            " ORDER BY d.id DESC, s.product_id",
        )
        catch_up(target)

    def remove(self, target: MysqlServer, receipt: Receipt) -> str:
        """Remove it from the source, and so from the replica, which works its backlog off with a key.

        Says what it left alone.
        """
        if self.indexes(target, receipt) == 0:
            interrupt(target)
            target.run("STOP REPLICA SQL_THREAD")
            alone(target, f"ALTER TABLE {self.table} ADD PRIMARY KEY (product_id, counted_on)")
        target.run("START REPLICA")
        found = target.source_rows(self._comment)
        if found == [(str(receipt["tag"]),)]:
            self._drop(target)
            found = []
        catch_up(target)
        return tags.left_alone(f"table {self.table} of {target.name}'s source") if found else ""

    def _drop(self, target: MysqlServer) -> None:
        """Drop it on the source, once what the batch's sessions were in the middle of is rolled back."""

        def dropped() -> bool | None:
            try:
                target.run_on_source(f"DROP TABLE IF EXISTS {self.table}")
            except ExecFailed as error:
                if LOCKED not in str(error):
                    raise
                return None
            return True

        until(dropped, what=f"{self.table} is dropped", timeout_s=ROLLED_BACK_S)

    @property
    def _comment(self) -> str:
        """A query: its comment, of a table that has none as (none); no row where it is not there."""
        return (
            "SELECT COALESCE(NULLIF(TABLE_COMMENT, ''), '(none)') FROM information_schema.TABLES"
            f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {quoted(self.table)}"
        )
