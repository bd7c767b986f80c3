"""A worker that handles orders in turn, and a message that it can never handle."""

import urllib.error
import urllib.request
import uuid
from typing import Any

from faults.release.poison_message import PoisonMessage
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres import server as postgres
from tests.faults.redis import server as redis
from tests.faults.redis.server import Redis
from tests.faults.servers import Server, Spec, Yard

STREAM, GROUP = "orders:placed", "shipping"
WORKER = Spec(
    image="worker",
    name="worker",
    port=9109,
    environment={
        "DATABASE_URL": f"postgresql://shop:shop%27s%20own@{postgres.SPEC.name}:5432/shop",
        "REDIS_URL": f"redis://shop:shop%27s%20own@{redis.SPEC.name}:6379/0",
        "WORKER_MAX_ATTEMPTS": "0",
        "WORKER_LONGEST_BACKOFF_S": "1",
    },
)
PLACE = (
    "INSERT INTO orders (customer_id, total_cents, status, idempotency_key)"
    " VALUES (4711, 100, 'paid', '{key}') RETURNING id"
)


class Worker(Server):
    """The shop's worker, which never gives a message up: the laws need longer than the lab's five attempts.

    What its customers meet until those are over is in `test_buried`.
    """

    def wait(self) -> None:
        """Wait until it tells its metrics."""

        def answers() -> bool | None:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20):
                return True

        until(answers, what=f"{self.name} serves", timeout_s=60, ignore=(urllib.error.URLError, OSError))


class Told(Redis):
    """Redis, whose stream a worker reads; and the orders' database."""

    database: postgres.Postgres

    def wait(self) -> None:
        """Wait until somebody reads the stream."""
        super().wait()
        until(
            lambda: self.error("XINFO", "GROUPS", STREAM) == "" or None, what="a worker reads", timeout_s=60
        )


def with_worker(yard: Yard) -> Told:
    """Redis with a worker behind it."""
    database, plain = postgres.primary(yard), redis.primary(yard)
    yard.get(Worker, WORKER)
    told = Told(plain.engine, name=plain.name, port=plain.inner_port)
    told.database = database
    told.wait()
    return told


def waiting(server: Told, *, until_entry: str, user: str) -> list[Any]:
    """The first message that was handed out and is not done, if there is one up to that entry."""
    with server.client(user) as client:
        found: list[Any] = client.xpending_range(STREAM, GROUP, "-", until_entry, 1)
        return found


def never_shipped(server: Told) -> str:
    """An order that is placed now is shipped, unless the worker is busy with another one for ever."""
    key = f"web-{uuid.uuid4().hex}"
    order = server.database.query(PLACE.format(key=key))[0][0]
    entry = server.run("XADD", STREAM, "*", "order_id", order, "idempotency_key", key)
    shipped = f"SELECT 1 FROM orders WHERE id = {order} AND status = 'shipped'"

    def outcome() -> str | None:
        if server.database.query(shipped):
            return ""
        pending = waiting(server, until_entry=entry, user="admin")
        if not pending or int(pending[0]["times_delivered"]) <= 2:
            return None
        ((_, first),) = server.run("XRANGE", STREAM, pending[0]["message_id"], pending[0]["message_id"])
        return f"behind order {first['order_id']}, tried again and again"

    said = until(outcome, what="the order is shipped, or stuck", timeout_s=60)
    server.run("XDEL", STREAM, entry)
    return said


def put_aside(server: Told) -> None:
    """An engineer takes what stands first out of the stream."""
    while pending := waiting(server, until_entry="+", user="oncall"):
        entry = pending[0]["message_id"]
        server.run("XACK", STREAM, GROUP, entry, user="oncall")
        server.run("XDEL", STREAM, entry, user="oncall")


CASES = [
    Case(
        fault=PoisonMessage(),
        server=with_worker,
        felt=never_shipped,
        expects="^behind order None, tried again and again$",
        by_hand=put_aside,
        restart_ends=False,
    ),
]
