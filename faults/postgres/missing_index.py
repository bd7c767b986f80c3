"""An index that a route needs is gone."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name
from faults.postgres.server import PostgresServer, quoted


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
    )

    index: str = name("orders_customer_id", means="index to drop")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember how the index is defined, and what it is on."""
        rows = target.rows(
            "SELECT pg_get_indexdef(indexrelid), indrelid::regclass::text, indkey::text, indisunique::int"
            f" FROM pg_index WHERE indexrelid = to_regclass({quoted(self.index)})"
            " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid)"
        )
        if not rows:
            raise ForeignState(f"{target.name} has no index {self.index} that is free to be dropped")
        definition, table, columns, unique = rows[0]
        return {"definition": definition, "table": table, "columns": columns, "unique": int(unique)}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Drop it."""
        target.run(f"DROP INDEX IF EXISTS {self.index}")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether no valid index serves the same columns, under whatever name."""
        return not target.true(
            "EXISTS (SELECT FROM pg_index WHERE indisvalid AND indisready"
            f" AND indrelid = {quoted(str(receipt['table']))}::regclass"
            f" AND indkey::text = {quoted(str(receipt['columns']))})"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Create it as it was, unless an equal one is there; an invalid one by that name makes room."""
        if self.active(target, receipt):
            target.run(f"DROP INDEX IF EXISTS {self.index}", str(receipt["definition"]))
