"""The replica has a row that it must not have, and stops where the source writes the same key."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _replication
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import number

COLUMNS = "(id, product_id, delta, reason, created_at)"


@dataclass(frozen=True, kw_only=True)
class ApplierStoppedBy1062(Checked):
    """A stray movement on the replica has an id that the source gives next: error 1062 stops the applier."""

    about: ClassVar[About] = About(
        id="mysql.applier_stopped_by_1062",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("replication:applier",),
        see="SHOW REPLICA STATUS: SQL No, Last_SQL_Errno 1062, lag NULL (so none is shown);"
        " performance_schema.replication_applier_status_by_worker",
        fix="compare the row on both; delete the stray one on the replica (sql_log_bin = 0), START REPLICA;"
        " an empty transaction in its place leaves the two different for ever",
        on_replica=True,
        one_strength="an applier runs or stands; the number is where the stray row lies",
    )

    ahead: int = number(
        5, low=0, high=1000, unit="ids", means="how far beyond the source's last movement the stray one lies"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the id, and the microsecond by which the stray row is known."""
        last = target.source_rows("SELECT MAX(id), NOW(6) - INTERVAL 1 DAY FROM stock_movements")
        return {"id": int(last[0][0]) + 1 + self.ahead, "at": last[0][1], "source": target.source_host}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Write the stray row; write and take back one of the same id on the source."""
        ident, at = int(receipt["id"]), quoted(str(receipt["at"]))
        _replication.alone(
            target, f"INSERT INTO stock_movements {COLUMNS} VALUES ({ident}, 1, -1, 'sale', {at})"
        )
        # The application may be quicker: then its own row is the one that the applier stops at.
        target.run_on_source(
            "START TRANSACTION",
            f"INSERT IGNORE INTO stock_movements {COLUMNS} VALUES ({ident}, 1, 1, 'return', {at})",
            f"DELETE FROM stock_movements WHERE id = {ident} AND reason = 'return' AND created_at = {at}",
            "COMMIT",
        )

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the applier stands still, with an error about this key."""
        return target.true(
            f"{_replication.STOPPED} AND EXISTS (SELECT * FROM {_replication.WORKERS}"
            f" WHERE LAST_ERROR_NUMBER = 1062 AND LAST_ERROR_MESSAGE LIKE '%entry ''{receipt['id']}'' for%')"
        )

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Delete the stray row, where it is there, and let the applier go on, where it stopped at it."""
        stray = (
            f"FROM stock_movements WHERE id = {receipt['id']} AND reason = 'sale'"
            f" AND created_at = {quoted(str(receipt['at']))}"
        )
        if target.true(f"EXISTS (SELECT * {stray})"):
            _replication.alone(target, f"DELETE {stray}")
        if self.active(target, receipt):
            target.run("START REPLICA")
