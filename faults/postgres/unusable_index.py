"""An index is there, is written, and is never read."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name
from faults.postgres import _indexes
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class UnusableIndex(Checked):
    """An index marked invalid, as a cancelled CREATE INDEX CONCURRENTLY leaves it: it only costs."""

    about: ClassVar[About] = About(
        id="postgres.unusable_index",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("index:{index}",),
        see=r"pg_index.indisvalid, \d says INVALID; EXPLAIN reads the whole table though the index is listed",
        fix="REINDEX INDEX CONCURRENTLY (CREATE INDEX IF NOT EXISTS does nothing)",
        one_strength="an index is used or not; how much that costs is its table's affair",
    )

    index: str = name("orders_customer_id", means="index that is not to be used")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember how the index is defined, and what it is on."""
        return _indexes.described(target, self.index)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Mark it."""
        self._mark(target, receipt, valid=False)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether no valid index serves the same columns, under whatever name."""
        return not _indexes.served(target, receipt)

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Take the mark off; where the index has been lost in a repair, create it again."""
        self._mark(target, receipt, valid=True)
        return _indexes.restore(target, self.index, receipt)

    def _mark(self, target: PostgresServer, receipt: Receipt, *, valid: bool) -> None:
        target.run(
            f"UPDATE pg_index SET indisvalid = {valid} WHERE indexrelid = {receipt['oid']} AND indisready"
            f" AND indislive; {_indexes.plan_again(receipt)}"
        )
