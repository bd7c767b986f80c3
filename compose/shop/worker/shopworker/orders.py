"""Orders in PostgreSQL, as far as the worker has to do with them."""

import psycopg
from psycopg.rows import TupleRow

from shopworker.errors import Away, Refused

_CONNECT_TIMEOUT_S = 2
_STATEMENT_TIMEOUT_MS = 5000

_SHIP = "UPDATE orders SET status = 'shipped' WHERE id = %s AND idempotency_key = %s AND status = 'paid'"
_STATUS = "SELECT status FROM orders WHERE id = %s AND idempotency_key = %s"
_BY_KEY = "SELECT id FROM orders WHERE idempotency_key = %s AND status <> 'cancelled'"
# Orders from before clients sent a key are not ours; and the index of keys has the others alone.
_UNSHIPPED = (
    "SELECT id, idempotency_key FROM orders WHERE idempotency_key IS NOT NULL AND status = 'paid'"
    " AND created_at < now() - make_interval(secs => %s) ORDER BY created_at LIMIT %s"
)


class Orders:
    """One connection, opened when it is needed and again after it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: psycopg.Connection[TupleRow] | None = None

    def ship(self, order_id: int, order_key: str) -> None:
        """Mark a paid order as shipped; one that is already stays so."""
        try:
            connection = self._connection()
            if connection.execute(_SHIP, (order_id, order_key)).rowcount:
                return
            found = connection.execute(_STATUS, (order_id, order_key)).fetchone()
        except psycopg.Error as error:
            raise self._failed(error) from error
        if found is None or found[0] != "shipped":
            raise Refused(f"order {order_id} {'is ' + found[0] if found else 'is not there'}")

    def id_of(self, order_key: str) -> int | None:
        """The order that was placed with that key."""
        try:
            found = self._connection().execute(_BY_KEY, (order_key,)).fetchone()
        except psycopg.Error as error:
            raise self._failed(error) from error
        return int(found[0]) if found else None

    def unshipped_for(self, seconds: float, *, at_most: int) -> list[tuple[int, str]]:
        """Orders that have been paid for so long and not shipped, with their keys, the oldest first."""
        try:
            return [
                (int(row[0]), str(row[1]))
                for row in self._connection().execute(_UNSHIPPED, (seconds, at_most))
            ]
        except psycopg.Error as error:
            raise self._failed(error) from error

    def _connection(self) -> psycopg.Connection[TupleRow]:
        if self._open is None:
            self._open = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=_CONNECT_TIMEOUT_S,
                application_name="shop-worker",
                options=f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
            )
        return self._open

    def _failed(self, error: psycopg.Error) -> Away | Refused:
        words = " ".join(str(error).split())
        if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return Refused(f"postgres: {words}")
        if self._open is not None:
            self._open.close()
            self._open = None
        return Away(f"postgres: {words}")
