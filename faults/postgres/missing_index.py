"""An index that a route needs is gone."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name
from faults.postgres import _indexes
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class MissingIndex(Checked):
    """`DROP INDEX`: what was a look-up reads the whole table."""

    about: ClassVar[About] = About(
        id="postgres.missing_index",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("index:{index}",),
        see="pg_stat_user_tables.seq_scan, pg_stat_statements' mean, EXPLAIN of the route's query",
        fix="CREATE INDEX CONCURRENTLY as it was",
        one_strength="an index is there or not; how much that costs is its table's affair",
    )

    index: str = name("orders_customer_id", means="index to drop")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember how the index is defined, and what it is on."""
        return _indexes.described(target, self.index)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Drop it."""
        target.run(f"DROP INDEX IF EXISTS {self.index}")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether no valid index serves the same columns, under whatever name."""
        return not _indexes.served(target, receipt)

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Create it as it was, unless an equal one is there."""
        return _indexes.restore(target, self.index, receipt)
