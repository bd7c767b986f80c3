"""A clean-up job deleted what it should have kept."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import number
from faults.postgres.server import PostgresServer, quoted

KEYS = {"orders": "id", "order_lines": "order_id", "payments": "order_id"}
"""The tables of an order, in the order in which they can be filled, each with what names the order."""
AT_ONCE = 200
"""Orders in one statement: its text has to fit into one argument."""


@dataclass(frozen=True, kw_only=True)
class RowsDeleted(Checked):
    """`DELETE` of orders with their lines and payments: the receipt keeps every row as it was."""

    about: ClassVar[About] = About(
        id="postgres.rows_deleted",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:orders", "rows:order_lines", "rows:payments"),
        see="gaps in orders.id; what customers say; pg_stat_user_tables.n_tup_del",
        fix="the missing rows from a copy of the time before, put beside those written since: orders, then "
        "lines and payments. A restore over the live database loses what came later",
        settle_s=30.0,
    )

    orders: int = number(
        500, low=1, high=2000, unit="orders", mild=20, severe=2000, means="how many orders are deleted"
    )
    newer: int = number(
        1000, low=0, high=100_000, unit="orders", means="how many that are newer are left alone"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Keep all rows, in portions."""
        ids = [
            int(one)
            for (one,) in target.rows(
                f"SELECT id FROM orders ORDER BY id DESC OFFSET {self.newer} LIMIT {self.orders}"
            )
        ]
        if not ids:
            raise NoTarget(f"{target.name} has no more than {self.newer} orders")
        receipt: dict[str, str | int | float] = {}
        for number_, first in enumerate(range(0, len(ids), AT_ONCE)):
            portion = ",".join(map(str, ids[first : first + AT_ONCE]))
            receipt[f"ids.{number_}"] = portion
            for table, key in KEYS.items():
                receipt[f"{table}.{number_}"] = target.value(
                    f"SELECT jsonb_agg(t)::text FROM {table} t WHERE {key} IN ({portion})"
                )
        return receipt

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Delete them in one transaction, from the leaves to the root."""
        ids = ",".join(portions(receipt, "ids"))
        target.run(
            "; ".join(f"DELETE FROM {table} WHERE {KEYS[table]} IN ({ids})" for table in reversed(KEYS))
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether any order, or any payment of one, is missing."""
        ids = ",".join(portions(receipt, "ids"))
        return target.true(
            f"EXISTS (SELECT FROM unnest(ARRAY[{ids}]::bigint[]) one WHERE NOT EXISTS"
            " (SELECT FROM orders o JOIN payments p ON p.order_id = o.id"
            " JOIN order_lines l ON l.order_id = o.id WHERE o.id = one))"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Put back what is missing."""
        if not self.active(target, receipt):
            return
        for table in KEYS:
            for rows in portions(receipt, table):
                were = f"jsonb_populate_recordset(NULL::{table}, {quoted(rows)})"
                target.run(f"INSERT INTO {table} SELECT * FROM {were} ON CONFLICT DO NOTHING")


def portions(receipt: Receipt, what: str) -> list[str]:
    """All that a receipt keeps of one kind."""
    return [str(value) for key, value in receipt.items() if key.rpartition(".")[0] == what]
