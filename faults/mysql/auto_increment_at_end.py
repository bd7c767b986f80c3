"""A table has no more numbers to give."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import name, number

END = {"tinyint": 127, "smallint": 32_767, "mediumint": 8_388_607, "int": 2**31 - 1, "bigint": 2**63 - 1}


@dataclass(frozen=True, kw_only=True)
class AutoIncrementAtEnd(Checked):
    """`AUTO_INCREMENT` jumps to the end of its type: one more row is taken, the next is a duplicate of it."""

    about: ClassVar[About] = About(
        id="mysql.auto_increment_at_end",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("auto-increment:{table}",),
        see="error 1062 for PRIMARY on inserts that name no key: it looks like a bug in the data;"
        " sys.schema_auto_increment_columns: auto_increment_ratio 1",
        fix="find the row that took the last number; give it a free one, ALTER TABLE … AUTO_INCREMENT = the"
        " next after the true last; a wider type where the numbers are really used up. Deleting rows"
        " frees none",
    )

    table: str = name("stock_movements", means="table whose numbers end")
    left: int = number(
        0, low=0, high=1000, unit="rows", mild=50, severe=0, means="rows that still find a number"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the next number; ForeignState where the table has no signed AUTO_INCREMENT."""
        found = target.rows(
            "SELECT c.COLUMN_NAME, c.DATA_TYPE, t.AUTO_INCREMENT FROM information_schema.COLUMNS c"
            " JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)"
            f" WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = {quoted(self.table)}"
            " AND c.EXTRA = 'auto_increment' AND c.COLUMN_TYPE NOT LIKE '%unsigned%'"
        )
        if not found or found[0][1] not in END:
            raise ForeignState(f"{target.name} has no table {self.table} with a signed AUTO_INCREMENT")
        column, kind, following = found[0]
        at = END[kind] - self.left
        return {"table": self.table, "column": column, "type": kind, "next": int(following), "at": at}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Move the counter."""
        target.run(f"ALTER TABLE {self.table} AUTO_INCREMENT = {receipt['at']}")

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the counter stands where it was put, or beyond, with the type as it was."""
        shown = int(receipt["at"]) - 1  # after a restart, until the table is opened: one less
        return target.true(
            "EXISTS (SELECT * FROM information_schema.COLUMNS c JOIN information_schema.TABLES t"
            " USING (TABLE_SCHEMA, TABLE_NAME)"
            f" WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = {quoted(str(receipt['table']))}"
            f" AND c.COLUMN_NAME = {quoted(str(receipt['column']))}"
            f" AND c.DATA_TYPE = {quoted(str(receipt['type']))} AND t.AUTO_INCREMENT >= {shown})"
        )

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Give the rows from the end numbers that follow the true last, and move the counter behind them."""
        if not self.active(target, receipt):
            return
        column = receipt["column"]
        last = f"(SELECT MAX({column}) FROM {self.table} WHERE {column} < {receipt['at']})"
        target.run(
            f"SET @n = GREATEST({receipt['next']} - 1, COALESCE({last}, 0))",
            f"UPDATE {self.table} SET {column} = (@n := @n + 1) WHERE {column} >= {receipt['at']}"
            f" ORDER BY {column}",
            f"ALTER TABLE {self.table} AUTO_INCREMENT = {receipt['next']}",  # never below what there is
        )
