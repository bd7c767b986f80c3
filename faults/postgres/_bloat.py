"""A table that fills with dead rows: the client that makes them, how far it has come, the way back."""

from faults.actors import Work
from faults.core import Receipt
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer, quoted

AT_ONCE = 60
"""So many dead copies of the table's rows come at once."""
GROWN = 4
"""A table of so many times its size is bloated; it may have had dead rows before."""


def churn(program: str, table: str, column: str, *, pause_ms: int) -> Work:
    """A client that writes all rows as they are: first many times in one transaction, then steadily."""
    update = f"UPDATE {table} SET {column} = {column}"
    burst = f"DO $$ BEGIN FOR i IN 1..{AT_ONCE} LOOP {update}; END LOOP; END $$"
    return Work(program=program, begin=[burst], loop=[update], pause_ms=pause_ms)


def pages(target: PostgresServer, table: str) -> int:
    """How many pages the table has."""
    size = f"pg_relation_size({quoted(table)}::regclass)"
    return int(target.value(f"SELECT greatest(1, {size} / current_setting('block_size')::int)"))


def grown(table: str, receipt: Receipt) -> str:
    """SQL: whether the table is bloated."""
    limit = int(receipt["pages"]) * GROWN
    return f"pg_relation_size({quoted(table)}::regclass) > {limit} * current_setting('block_size')::bigint"


def wait_until_grown(target: PostgresServer, program: str, table: str, receipt: Receipt) -> None:
    """Wait until the client has come to its steady work and the table is bloated."""
    steady = _sessions.of(target, str(receipt["churn"]), program, "a.query LIKE 'UPDATE%'")
    limit = int(receipt["pages"]) * GROWN
    target.wait_for(f"{steady} AND {grown(table, receipt)}", what=f"{table} has more than {limit} pages")


def compact(target: PostgresServer, table: str, receipt: Receipt) -> None:
    """Give the space back, where the table is still several times as large as it was."""
    if pages(target, table) > 2 * int(receipt["pages"]):
        target.run(f"VACUUM (FULL, ANALYZE) {table}")
