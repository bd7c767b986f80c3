"""The shop's servers as a test meets them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pymysql
from psycopg.rows import TupleRow

from faults.wait import until

if TYPE_CHECKING:
    from docker.models.containers import Container

PATIENCE_S = 30.0
"""Longer than any machine stands still: how quick an answer is, the tests of the load tell."""
PASSWORDS = {
    "SHOP_DB_PASSWORD": "shop's own",  # a quote, for the entrypoint has to survive one
    "DBA_PASSWORD": "dba-secret",
    "EXPORTER_PASSWORD": "exporter-secret",
    "REFEREE_DB_PASSWORD": "referee-secret",
    "REDIS_SHOP_PASSWORD": "redis-shop-secret",
    "REDIS_ONCALL_PASSWORD": "redis-oncall-secret",
    "REDIS_EXPORTER_PASSWORD": "redis-exporter-secret",
    "REDIS_REFEREE_PASSWORD": "redis-referee-secret",
    "REDIS_REPLICA_PASSWORD": 'redis replica\'s "own"',
    "REDIS_ADMIN_PASSWORD": "redis-admin-secret",
    "REPLICA_DB_PASSWORD": "replica's: own",
    "SHOP_MYSQL_PASSWORD": "shop's own",
    "MYSQL_DBA_PASSWORD": "mysql-dba-secret",
    "MYSQL_EXPORTER_PASSWORD": "mysql-exporter-secret",
    "MYSQL_REFEREE_PASSWORD": "mysql-referee-secret",
    "MYSQL_REPLICA_PASSWORD": "mysql-replica-secret",
    "HEARTBEAT_PASSWORD": "heartbeat-secret",
}
ROLE_PASSWORDS = {
    "shop": PASSWORDS["SHOP_DB_PASSWORD"],
    "dba": PASSWORDS["DBA_PASSWORD"],
    "exporter": PASSWORDS["EXPORTER_PASSWORD"],
    "referee": PASSWORDS["REFEREE_DB_PASSWORD"],
}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container and the port inside it that is published to the test."""

    container: "Container"
    inner_port: int

    @property
    def port(self) -> int:
        """The port of 127.0.0.1; another one after each restart."""

        def published() -> int | None:
            self.container.reload()
            bindings = self.container.ports.get(f"{self.inner_port}/tcp")
            return int(bindings[0]["HostPort"]) if bindings else None

        return until(published, what=f"{self.container.name} publishes its port", timeout_s=60)

    def log(self) -> str:
        """All that it has written."""
        return str(self.container.logs().decode())


class Server:
    """A database server that can be frozen."""

    def __init__(self, running: Running) -> None:
        self.running = running

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Freeze the server: connections are accepted by the kernel and never answered."""
        self.running.container.pause()
        try:
            yield
        finally:
            self.running.container.unpause()


class Postgres(Server):
    """The database, by role."""

    def connect(self, role: str, **options: Any) -> psycopg.Connection[TupleRow]:
        """One session of *role*, one attempt."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.running.port,
            dbname="shop",
            user=role,
            password=ROLE_PASSWORDS[role],
            autocommit=True,
            connect_timeout=int(PATIENCE_S),
            **options,
        )

    def rows(self, query: str, *values: object, role: str = "referee") -> list[TupleRow]:
        """All rows of a query, %s standing for *values*."""
        with self.connect(role) as session:
            return session.execute(query.encode(), values or None).fetchall()

    def value(self, query: str, *values: object, role: str = "referee") -> Any:
        """The first column of the first row."""
        return self.rows(query, *values, role=role)[0][0]

    def run(self, *statements: str, role: str = "dba") -> None:
        """Run statements, each in its own transaction."""
        with self.connect(role) as session:
            for statement in statements:
                session.execute(statement.encode())

    def wait(self) -> None:
        """Wait until it answers."""
        until(
            lambda: self.value("SELECT 1"),
            what="PostgreSQL answers",
            timeout_s=90,
            ignore=(psycopg.OperationalError,),
        )

    def restart(self) -> None:
        """Stop it as Docker does, start it again on the same data."""
        self.running.container.restart(timeout=20)
        self.wait()

    def die(self) -> None:
        """Kill it, start it again on what it left."""
        self.running.container.kill()
        self.running.container.start()
        self.wait()


class Mysql(Server):
    """The warehouse's database, as the shop's own user."""

    def rows(self, query: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        """All rows of a query, %s standing for *values*."""
        session = pymysql.connect(
            host="127.0.0.1",
            port=self.running.port,
            user="shop",
            password=PASSWORDS["SHOP_MYSQL_PASSWORD"],
            database="shop",
            autocommit=True,
            connect_timeout=int(PATIENCE_S),
            read_timeout=int(PATIENCE_S),
            ssl={"check_hostname": False},
        )
        with session, session.cursor() as cursor:
            cursor.execute(query, values or None)
            return tuple(cursor.fetchall())

    def value(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.rows(query, *values)[0][0]

    def wait(self) -> None:
        """Wait until it answers."""
        until(lambda: self.value("SELECT 1"), what="MySQL answers", timeout_s=60, ignore=(pymysql.Error,))

    def stock(self, product_id: int) -> tuple[int, int]:
        """How many are on hand and how many reserved."""
        query = "SELECT on_hand, reserved FROM stock WHERE product_id = %s"
        on_hand, reserved = self.rows(query, product_id)[0]
        return on_hand, reserved

    def movements(self, order_key: str) -> list[tuple[int, int, str]]:
        """Product, change and reason of each movement of a checkout, in the order they were made."""
        query = "SELECT product_id, delta, reason FROM stock_movements WHERE order_key = %s ORDER BY id"
        return [(product_id, delta, reason) for product_id, delta, reason in self.rows(query, order_key)]
