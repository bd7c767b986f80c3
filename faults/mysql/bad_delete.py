"""Somebody deleted rows that were needed."""

import base64
import zlib
from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.mysql.server import MysqlServer
from faults.parameters import number

COLUMNS = ("id", "product_id", "delta", "order_id", "order_key", "reason", "created_at")


@dataclass(frozen=True, kw_only=True)
class BadDelete(Checked):
    """`DELETE` of a range of movements that a clean-up took for old; the receipt alone has a copy."""

    about: ClassVar[About] = About(
        id="mysql.bad_delete",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("table:stock_movements",),
        see="a gap in the ids; SUM(delta) of a product is not what stock.on_hand says; the DELETE in the"
        " binary log (mysqlbinlog --base64-output=DECODE-ROWS -v has each row)",
        fix="the rows from a delayed replica, or a copy restored up to the transaction before it, or from"
        " the binary log's own row images; INSERT them back, restore nothing over what came later",
    )

    first: int = number(150_001, low=1, high=10_000_000, means="id of the first row")
    rows: int = number(
        2_000, low=1, high=20_000, unit="rows", mild=100, severe=20_000, means="how many ids from there on"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Keep a copy of the rows."""
        columns = ", ".join(f"QUOTE({column})" for column in COLUMNS)
        found = target.rows(
            f"SELECT TO_BASE64(CONCAT_WS(', ', {columns})) FROM stock_movements WHERE {self._range()}"
        )
        if not found:
            raise ForeignState(f"{target.name} has no stock_movements with {self._range()}")
        text = "\n".join(base64.b64decode(row[0].replace("\\n", "")).decode() for row in found)
        packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
        return {"first": self.first, "rows": len(found), "copy": packed}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Delete them."""
        target.run(f"DELETE FROM stock_movements WHERE {self._range()}")

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether any of them is missing."""
        return target.true(
            f"(SELECT COUNT(*) FROM stock_movements WHERE {self._range()}) < {receipt['rows']}"
        )

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Insert those that are missing."""
        if not self.active(target, receipt):
            return
        lines = zlib.decompress(base64.b64decode(str(receipt["copy"]))).decode().splitlines()
        for at in range(0, len(lines), 500):
            values = ", ".join(f"({line})" for line in lines[at : at + 500])
            target.run(f"INSERT IGNORE INTO stock_movements ({', '.join(COLUMNS)}) VALUES {values}")

    def _range(self) -> str:
        return f"id >= {self.first} AND id < {self.first + self.rows}"
