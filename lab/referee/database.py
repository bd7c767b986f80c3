"""The referee's own look into PostgreSQL: read only, by its role, over a reserved slot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from lab.referee.errors import SampleError

# The role's own time-out is meant for monitoring; these few questions at start and end may take longer.
STATEMENT_TIMEOUT_MS = 20_000

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
    def session(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A read-only session in one snapshot; SampleError where the server does not answer."""
        try:
            with psycopg.connect(self._dsn) as connection:
                connection.read_only = True
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.execute(
                    "set search_path = pg_catalog, public"
                )  # whatever a DBA set for the database
                connection.execute(f"set statement_timeout = {STATEMENT_TIMEOUT_MS:d}")
                yield connection
        except psycopg.Error as error:
            raise SampleError(f"PostgreSQL, as role referee: {error}") from error

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        with self.session() as session:
            return session.execute(query).fetchall()

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
