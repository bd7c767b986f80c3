"""Each of Redis's users may do its job and no more."""

import contextlib
from collections.abc import Iterator

import pytest
import redis as client
from redis.exceptions import AuthenticationError, NoPermissionError

from tests.shop.servers import PASSWORDS, Running

pytestmark = pytest.mark.docker


@contextlib.contextmanager
def as_user(redis: Running, name: str) -> Iterator[client.Redis]:
    """A connection of a user."""
    password = PASSWORDS[f"REDIS_{name.upper()}_PASSWORD"]
    with client.Redis(port=redis.port, username=name, password=password) as session:
        yield session


def run(session: client.Redis, command: str) -> None:
    """Send a command as a person would type it."""
    session.execute_command(*command.split())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("shop", "SET session:x 1"),
        ("shop", "HINCRBY cart:x 7 1"),
        ("shop", "GET product:1"),
        ("shop", "XADD orders:test * order_id 1"),
        ("oncall", "INFO"),
        ("oncall", "CONFIG SET maxmemory 120mb"),
        ("oncall", "CLIENT LIST"),
        ("oncall", "DEL session:x"),
        ("oncall", "SLOWLOG GET"),
        ("oncall", "ACL WHOAMI"),
        ("oncall", "CONFIG REWRITE"),
        ("exporter", "INFO"),
        ("exporter", "CONFIG GET *"),
        ("referee", "GET session:x"),
        ("referee", "DBSIZE"),
        ("admin", "ACL LIST"),
        ("admin", "CONFIG SET maxclients 2000"),
    ],
)
def test_allowed(redis: Running, user: str, command: str) -> None:
    with as_user(redis, user) as session:
        run(session, command)


@pytest.mark.parametrize(
    ("user", "command"),
    [
        ("shop", "SET other 1"),
        ("shop", "FLUSHALL"),
        ("shop", "KEYS *"),
        ("oncall", "ACL LIST"),
        ("oncall", "ACL SETUSER oncall +@all"),
        ("oncall", "ACL DELUSER admin"),
        ("oncall", "SHUTDOWN"),
        ("oncall", "REPLICAOF 127.0.0.1 1"),
        ("oncall", "MODULE LIST"),
        ("exporter", "GET session:x"),
        ("referee", "SET a b"),
        ("referee", "FLUSHDB"),
    ],
)
def test_denied(redis: Running, user: str, command: str) -> None:
    with as_user(redis, user) as session, pytest.raises(NoPermissionError):
        run(session, command)


def test_nobody_comes_in_without_a_password(redis: Running) -> None:
    with client.Redis(port=redis.port) as session, pytest.raises(AuthenticationError):
        session.ping()


def test_carts_outlive_a_restart(redis: Running) -> None:
    with as_user(redis, "shop") as session:
        session.hset("cart:kept", "7", "1")
    redis.container.restart(timeout=10)
    with as_user(redis, "shop") as session:
        assert session.hget("cart:kept", "7") == b"1"


def test_transactions_outlive_a_restart(redis: Running) -> None:
    with as_user(redis, "shop") as session, session.pipeline(transaction=True) as both:
        both.set("product:1", "a")
        both.hset("cart:both", "7", "1")
        both.execute()
    redis.container.restart(timeout=10)
    with as_user(redis, "shop") as session:
        assert (session.get("product:1"), session.hget("cart:both", "7")) == (b"a", b"1")
