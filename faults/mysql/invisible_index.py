"""The optimizer no longer sees an index that a route needs."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import name


@dataclass(frozen=True, kw_only=True)
class InvisibleIndex(Checked):
    """`ALTER INDEX … INVISIBLE`: the index is kept up to date and never used, so look-ups read the table."""

    about: ClassVar[About] = About(
        id="mysql.invisible_index",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("index:{index}",),
        see="EXPLAIN of the route's query reads all rows; information_schema.statistics.IS_VISIBLE;"
        " sys.statements_with_full_table_scans",
        fix="ALTER TABLE … ALTER INDEX … VISIBLE: at once, nothing is built",
        one_strength="an index is seen or not; how much that costs is its table's affair",
    )

    table: str = name("stock_movements", means="table that the index is on")
    index: str = name("product_created", means="index to hide")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the index's columns; ForeignState where there is no such visible index."""
        shape = self._columns(target, f"INDEX_NAME = {quoted(self.index)} AND IS_VISIBLE = 'YES'")
        if not shape:
            raise ForeignState(f"{target.name} has no visible index {self.index} on {self.table}")
        return {"table": self.table, "index": self.index, "columns": shape[0]}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Hide it."""
        target.run(f"ALTER TABLE {self.table} ALTER INDEX {self.index} INVISIBLE")

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether no visible index begins with the same columns, under whatever name."""
        shapes = self._columns(target, "IS_VISIBLE = 'YES'")
        return not any(f"{shape},".startswith(f"{receipt['columns']},") for shape in shapes)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Show it again, where it is still there and hidden."""
        if self._columns(target, f"INDEX_NAME = {quoted(self.index)} AND IS_VISIBLE = 'NO'"):
            target.run(f"ALTER TABLE {self.table} ALTER INDEX {self.index} VISIBLE")

    def _columns(self, target: MysqlServer, which: str) -> list[str]:
        """The columns of each of the table's indexes."""
        found = target.rows(
            "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS"
            f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {quoted(self.table)} AND {which}"
            " GROUP BY INDEX_NAME"
        )
        return [columns for (columns,) in found]
