"""Stock in MySQL, as far as the worker has to do with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.cursors import Cursor

from shopworker.errors import Away, Refused

if TYPE_CHECKING:
    from pymysql.connections import Connection

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 5

_FULFIL = (
    "UPDATE reservations SET state = 'fulfilled', holder = NULL WHERE order_key = %s AND state = 'reserved'"
)
_LINES = (
    "SELECT product_id, -SUM(delta) FROM stock_movements WHERE order_key = %s"
    " GROUP BY product_id ORDER BY product_id"
)
_GONE = "UPDATE stock SET reserved = reserved - %s WHERE product_id = %s"
_NAME = "UPDATE stock_movements SET order_id = %s WHERE order_key = %s"
_OPEN = (
    "SELECT order_key FROM reservations WHERE state = 'reserved' AND changed_at < NOW(6) - INTERVAL %s SECOND"
    " ORDER BY changed_at LIMIT %s"
)


class Warehouse:
    """One connection, opened when it is needed and again after it was lost."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._open: Connection[Cursor] | None = None

    def fulfil(self, order_id: int, order_key: str) -> None:
        """Let what was reserved for an order leave, once."""
        self._transaction(lambda cursor: _fulfil(cursor, order_id, order_key))

    def open_for(self, seconds: float, *, at_most: int) -> list[str]:
        """The keys of reservations that nobody has touched for so long, the oldest first."""
        return self._transaction(lambda cursor: _open(cursor, seconds, at_most))

    def _transaction(self, work: Callable[[Cursor], T]) -> T:
        try:
            connection = self._connection()
            connection.begin()
            with connection.cursor() as cursor:
                answer = work(cursor)
            connection.commit()
        except pymysql.Error as error:
            # Closing rolls back whatever the server still has of it.
            if self._open is not None:
                self._open.close()
                self._open = None
            kind = Away if isinstance(error, pymysql.OperationalError | pymysql.InterfaceError) else Refused
            raise kind(f"mysql: {error}") from error
        return answer

    def _connection(self) -> "Connection[Cursor]":
        if self._open is None:
            self._open = pymysql.connect(
                host=self._url.hostname,
                port=self._url.port or 3306,
                user=unquote(self._url.username or ""),
                password=unquote(self._url.password or ""),
                database=self._url.path.lstrip("/"),
                connect_timeout=_CONNECT_TIMEOUT_S,
                read_timeout=_READ_TIMEOUT_S,
                write_timeout=_READ_TIMEOUT_S,
                program_name="shop-worker",
                init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            )
        return self._open


def _fulfil(cursor: Cursor, order_id: int, order_key: str) -> None:
    if not cursor.execute(_FULFIL, (order_key,)):
        return
    cursor.execute(_LINES, (order_key,))
    for product_id, quantity in cursor.fetchall():
        cursor.execute(_GONE, (quantity, product_id))
    cursor.execute(_NAME, (order_id, order_key))


def _open(cursor: Cursor, seconds: float, at_most: int) -> list[str]:
    cursor.execute(_OPEN, (seconds, at_most))
    return [str(row[0]) for row in cursor.fetchall()]
