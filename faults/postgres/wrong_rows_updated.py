"""An UPDATE forgot its WHERE."""

import json
from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import name, number, text
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class WrongRowsUpdated(Checked):
    """One value in a column of many rows, where each had its own: the receipt keeps what was there."""

    about: ClassVar[About] = About(
        id="postgres.wrong_rows_updated",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        see="the values themselves (n_distinct, min and max); pg_stat_user_tables.n_tup_upd",
        fix="the old values from a copy of the time before, row by row, where the wrong one still stands",
    )

    table: str = name("products", means="table of the rows")
    column: str = name("price_cents", means="column that gets the value")
    value: str = text("999", means="the value")
    rows: int = number(
        500, low=1, high=5000, unit="rows", mild=20, severe=500, means="rows by id, from the first"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Keep the rows' values, but for those that are the same already."""
        was = target.value(
            f"SELECT json_object_agg(id, was) FROM (SELECT id, {self.column}::text AS was FROM {self.table}"
            f" WHERE {self.column}::text <> {quoted(self.value)} ORDER BY id LIMIT {self.rows}) t"
        )
        if not was:
            raise NoTarget(f"{self.table} on {target.name} has no rows with another {self.column}")
        return {"was": was}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Write the value over them."""
        ids = ",".join(json.loads(str(receipt["was"])))
        target.run(f"UPDATE {self.table} SET {self.column} = {quoted(self.value)} WHERE id IN ({ids})")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether any of them still has the value."""
        return target.true(f"EXISTS (SELECT FROM {self._wrong(receipt)})")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Give each that still has the value its own again."""
        target.run(
            f"UPDATE {self.table} SET {self.column} = was.value::{self._type(target)}"
            f" FROM {self._wrong(receipt)} AND {self.table}.id = t.id"
        )

    def _wrong(self, receipt: Receipt) -> str:
        return (
            f"{self.table} t JOIN json_each_text({quoted(str(receipt['was']))}) was ON t.id = was.key::bigint"
            f" WHERE t.{self.column}::text = {quoted(self.value)}"
        )

    def _type(self, target: PostgresServer) -> str:
        return target.value(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            f" WHERE attrelid = {quoted(self.table)}::regclass AND attname = {quoted(self.column)}"
        )
