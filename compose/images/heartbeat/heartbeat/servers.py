"""One session with a server of each kind. None of them waits long for anything."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
import pymysql
import redis

from heartbeat.config import Node

WITHIN_S = 2
USER = "heartbeat"
KEY = "heartbeat"
ERRORS = (psycopg.Error, pymysql.Error, redis.RedisError, OSError, ValueError)


class Session(Protocol):
    """Writes and reads the one row; a time is in unix seconds."""

    def write(self, t: float) -> None: ...

    def read(self) -> float: ...


class PostgresSession:
    """The row in PostgreSQL."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def write(self, t: float) -> None:
        """Write the time."""
        self._connection.execute("UPDATE public.heartbeat SET written_at = to_timestamp(%s)", (t,))

    def read(self) -> float:
        """Read the time."""
        row = self._connection.execute(
            "SELECT extract(epoch FROM written_at) FROM public.heartbeat"
        ).fetchone()
        if row is None:
            raise ValueError("the heartbeat's row is gone")
        return float(row[0])


class MysqlSession:
    """The row in MySQL."""

    def __init__(self, connection: "pymysql.connections.Connection[Any]") -> None:
        self._connection = connection

    def _one(self, statement: str, *values: object) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()

    def write(self, t: float) -> None:
        """Write the time."""
        self._one(
            "UPDATE shop.heartbeat SET written_at = %s", datetime.fromtimestamp(t, UTC).replace(tzinfo=None)
        )

    def read(self) -> float:
        """Read the time."""
        row = self._one("SELECT UNIX_TIMESTAMP(written_at) FROM shop.heartbeat")
        if row is None:
            raise ValueError("the heartbeat's row is gone")
        return float(row[0])


class RedisSession:
    """The key in Redis."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def write(self, t: float) -> None:
        """Write the time."""
        self._client.set(KEY, f"{t:.6f}")

    def read(self) -> float:
        """Read the time."""
        value = self._client.get(KEY)
        if value is None:
            raise ValueError("the heartbeat's key is gone")
        return float(value)


@contextmanager
def _postgres(node: Node, password: str) -> Iterator[Session]:
    with psycopg.connect(
        host=node.host,
        port=node.port,
        dbname="shop",
        user=USER,
        password=password,
        application_name="heartbeat",
        autocommit=True,
        connect_timeout=WITHIN_S,
        keepalives_idle=1,
        keepalives_interval=1,
        keepalives_count=2,
        tcp_user_timeout=WITHIN_S * 1000,
    ) as connection:
        yield PostgresSession(connection)


@contextmanager
def _mysql(node: Node, password: str) -> Iterator[Session]:
    # The sign-in wants encryption; the certificate is the server's own, so there is nobody to vouch for it.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = pymysql.connect(
        host=node.host,
        port=node.port,
        user=USER,
        password=password,
        ssl=context,
        autocommit=True,
        connect_timeout=WITHIN_S,
        read_timeout=WITHIN_S,
        write_timeout=WITHIN_S,
        init_command="SET time_zone = '+00:00', innodb_lock_wait_timeout = 1, lock_wait_timeout = 1",
    )
    with closing(connection):
        yield MysqlSession(connection)


@contextmanager
def _redis(node: Node, password: str) -> Iterator[Session]:
    with redis.Redis(
        host=node.host,
        port=node.port,
        username=USER,
        password=password,
        socket_timeout=WITHIN_S,
        socket_connect_timeout=WITHIN_S,
        client_name="heartbeat",
    ) as client:
        yield RedisSession(client)


OPENERS: dict[str, Callable[[Node, str], Any]] = {"postgres": _postgres, "mysql": _mysql, "redis": _redis}


@contextmanager
def session(node: Node, password: str) -> Iterator[Session]:
    """A session with a node, closed at the end."""
    with OPENERS[node.engine](node, password) as opened:
        yield opened
