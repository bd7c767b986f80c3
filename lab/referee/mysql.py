"""The referee's own look into MySQL: read only, by its account, over the port that is kept for watchers."""

from dataclasses import dataclass, field
from typing import Any

import pymysql

from lab.referee.database import SCALAR_TIMEOUT_MS, number_in
from lab.referee.errors import SampleError

ADMIN_PORT = 33062
CONNECT_WITHIN_S = 2
# The server ends the statement; this is for one that says nothing any more.
SILENCE_S = 3


@dataclass(frozen=True, kw_only=True)
class Mysql:
    """Opens one session per question: the server may restart between two, and threads share none.

    The look-up of the host's name comes on top of the time-outs, which do not bound it: a container that is
    down has no name, and the host's own resolver is asked.
    """

    host: str
    password: str = field(repr=False)
    port: int = ADMIN_PORT

    def scalar(self, query: str) -> float:
        """The one number that a query answers; SampleError where it answers none, or more."""
        return number_in(self.rows(query))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of one query."""
        try:
            with self._session() as session, session.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        except pymysql.Error as error:
            raise SampleError(f"MySQL, as user referee: {error}") from error

    def _session(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user="referee",
            password=self.password,
            database="shop",
            autocommit=True,
            ssl={"check_hostname": False},  # a first sign-in needs TLS; the server signs for itself
            connect_timeout=CONNECT_WITHIN_S,
            read_timeout=SILENCE_S,
            write_timeout=SILENCE_S,
            program_name="referee",
            # A lock on a table is waited for beside the statement's own time.
            init_command=(
                f"SET SESSION transaction_read_only = ON, max_execution_time = {SCALAR_TIMEOUT_MS:d},"
                f" lock_wait_timeout = {SCALAR_TIMEOUT_MS // 1000:d}"
            ),
        )
