"""An index has lost rows that the table has."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import name, number
from faults.postgres import _indexes
from faults.postgres.server import PostgresServer

NO_INDEX = "enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off"


@dataclass(frozen=True, kw_only=True)
class LyingIndex(Checked):
    """Rows written while the index was not kept up: whoever reads by it does not find them."""

    about: ClassVar[About] = About(
        id="postgres.lying_index",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("index:{index}",),
        see="the same count with and without the index; amcheck: bt_index_check(…, heapallindexed => true) "
        "(without it the index passes)",
        fix="REINDEX INDEX CONCURRENTLY; the rows themselves are all there",
        settle_s=30.0,
    )

    index: str = name("orders_customer_id", means="index that loses rows; its first column is a number")
    rows: int = number(
        2000, low=10, high=100_000, unit="rows", mild=100, severe=50_000, means="newest rows, by id, it loses"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the index, and a value whose newest row is to be lost."""
        receipt = _indexes.described(target, self.index)
        column = target.value(f"SELECT pg_get_indexdef({receipt['oid']}, 1, true)")
        last = target.rows(f"SELECT id, {column} FROM {receipt['table']} ORDER BY id DESC LIMIT 1")
        if not last:
            raise NoTarget(f"{receipt['table']} on {target.name} has no rows to lose")
        return {**receipt, "column": column, "last": int(last[0][0]), "value": int(last[0][1])}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """In one transaction, write the rows anew, the same as they are, while the index does not listen."""
        ready = f"UPDATE pg_index SET indisready = %s WHERE indexrelid = {receipt['oid']}"
        first, last = int(receipt["last"]) - self.rows, int(receipt["last"])
        table = receipt["table"]
        target.run(
            f"{ready % 'false'};"
            f" WITH gone AS (DELETE FROM {table} WHERE id > {first} AND id <= {last} RETURNING *)"
            f" INSERT INTO {table} SELECT * FROM gone;"
            f" {ready % 'true'}; {_indexes.plan_again(receipt)}"
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the index finds fewer rows of the value than the table has."""
        found = f"SELECT count(*) FROM {receipt['table']} WHERE {receipt['column']} = {receipt['value']}"
        return target.value(f"SET enable_seqscan = off; {found}") != target.value(f"SET {NO_INDEX}; {found}")

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Build it again from the table; where it has been lost in a repair, create it again."""
        if self.active(target, receipt):
            target.run(f"REINDEX INDEX {self.index}")
        return _indexes.restore(target, self.index, receipt)
