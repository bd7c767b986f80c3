"""What a fault creates in PostgreSQL has the receipt's tag for its comment: only what has it is removed."""

from dataclasses import dataclass

from faults import tags
from faults.core import Receipt
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A thing that was made: *what* as COMMENT ON names it; in SQL whether it is there, and its comment."""

    what: str
    there: str
    comment: str

    def mark(self, receipt: Receipt) -> str:
        """SQL: tag it; to be run in the transaction that makes it."""
        return f"COMMENT ON {self.what} IS {quoted(str(receipt['tag']))}"

    def ours(self, receipt: Receipt) -> str:
        """SQL: whether it is there, and is the one that was made."""
        return f"(({self.there}) AND ({self.comment}) IS NOT DISTINCT FROM {quoted(str(receipt['tag']))})"

    def remove(self, target: PostgresServer, receipt: Receipt, *statements: str) -> str:
        """Look and run the statements in one transaction; says what it left alone."""
        undo = f"DO $$ BEGIN IF {self.ours(receipt)} THEN {'; '.join(statements)}; END IF; END $$"
        found = target.rows(undo, f"SELECT ({self.there})::int")
        return tags.left_alone(f"{self.what.lower()} of {target.name}") if found == [("1",)] else ""


def role(name: str) -> Owned:
    """A role."""
    row = f"FROM pg_roles WHERE rolname = {quoted(name)}"
    return Owned(
        what=f"ROLE {name}",
        there=f"EXISTS (SELECT {row})",
        comment=f"SELECT shobj_description(oid, 'pg_authid') {row}",
    )


def column(table: str, name: str) -> Owned:
    """A column of a table."""
    row = (
        f"FROM pg_attribute WHERE attrelid = to_regclass({quoted(table)})"
        f" AND attname = {quoted(name)} AND NOT attisdropped"
    )
    return Owned(
        what=f"COLUMN {table}.{name}",
        there=f"EXISTS (SELECT {row})",
        comment=f"SELECT col_description(attrelid, attnum) {row}",
    )
