"""The referee's own look into PostgreSQL: read only, by its role, over a reserved slot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, LiteralString, TypeAlias

import psycopg

from lab.referee.errors import SampleError

# The role's own time-out is meant for monitoring; these few questions at start and end may take longer.
STATEMENT_TIMEOUT_MS = 20_000
# A reading is one of many, and late is as good as missing.
SCALAR_TIMEOUT_MS = 2_000

Session: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_END_SESSIONS: LiteralString = """
select pg_terminate_backend(pid) from pg_stat_activity
 where backend_type = 'client backend' and pid <> pg_backend_pid()
   and (usename = %(role)s or host(client_addr) = %(address)s)
"""


class Database:
    """Opens one connection per piece of work: the server may restart between two."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    @contextmanager
    def session(self, *, timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Iterator[Session]:
        """A read-only session in one snapshot; SampleError where the server does not answer."""
        try:
            with psycopg.connect(self._dsn) as connection:
                connection.read_only = True
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.execute(
                    "set search_path = pg_catalog, public"
                )  # whatever a DBA set for the database
                connection.execute(f"set statement_timeout = {timeout_ms:d}")
                yield connection
        except psycopg.Error as error:
            raise SampleError(f"PostgreSQL, as role referee: {error}") from error

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        with self.session() as session:
            return session.execute(query).fetchall()

    def scalar(self, query: str) -> float:
        """The one number that a query answers; SampleError where it answers none, or more."""
        with self.session(timeout_ms=SCALAR_TIMEOUT_MS) as session:
            # As bytes: the text is a scenario's, a declaration of the checkout like any other code.
            return number_in(session.execute(query.encode()).fetchall())

    def end_sessions(self, *, role: str, address: str) -> int:
        """End the sessions of *role* and those from *address*; how many there were."""
        with self.session() as session:
            return len(session.execute(_END_SESSIONS, {"role": role, "address": address}).fetchall())

    def answers(self) -> bool:
        """Whether the server lets the referee in."""
        try:
            return self.rows("select 1") == [(1,)]
        except SampleError:
            return False


def number_in(rows: Sequence[Sequence[Any]]) -> float:
    """The number that is all there is in *rows*; SampleError where it is not."""
    if len(rows) != 1 or len(rows[0]) != 1:
        seen = f"{len(rows)} rows of {len(rows[0])} columns" if rows else "no row"
        raise SampleError(f"the query answered {seen}, wanted one number")
    value = rows[0][0]
    if not isinstance(value, int | float | Decimal):
        seen = "NULL" if value is None else type(value).__name__
        raise SampleError(f"the query answered {seen}, wanted a number")
    return float(value)
