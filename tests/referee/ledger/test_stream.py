"""Acknowledged orders against the stream that tells of them, on the shop's own PostgreSQL and Redis."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import redis as client

from faults.core import Kind
from faults.errors import ExecFailed
from faults.targets import Way, target
from faults.wait import until
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.measuring import Measuring, Told
from lab.referee.order_stream import GROUP, Server
from lab.referee.stream import GRACE_S, follow_orders
from lab.stack.compose import ORDER_STREAM
from tests.shop.servers import PASSWORDS, Postgres, Running

pytestmark = pytest.mark.docker

DEAD = f"{ORDER_STREAM}:dead"
OLD_S, YOUNG_S = GRACE_S + 60, GRACE_S / 2
INSERT = (
    "insert into orders (customer_id, idempotency_key, total_cents, status)"
    " values (1, %s, 5, %s) returning id"
)


@pytest.fixture
def server(engine: docker.DockerClient, redis: Running) -> Any:
    """The referee's way into Redis."""
    way = Way(container=str(redis.container.name), passwords={"admin": PASSWORDS["REDIS_ADMIN_PASSWORD"]})
    found = target(engine, Kind.REDIS, way)
    until(lambda: found.run("PING"), what="Redis answers", timeout_s=30, ignore=(ExecFailed,))
    return found


@pytest.fixture
def told(redis: Running, server: Any) -> Iterator[Any]:
    """A session of the shop's own, on empty streams."""
    password = PASSWORDS["REDIS_SHOP_PASSWORD"]
    with client.Redis(
        port=redis.port, username="shop", password=password, protocol=2, decode_responses=True
    ) as session:
        session.delete(ORDER_STREAM, DEAD)
        yield session


class Shop:
    """Orders in the database, their lines in the ledger, and what is told of them."""

    def __init__(self, postgres: Postgres, session: Any, path: Path) -> None:
        self._postgres = postgres
        self._session = session
        self.path = path
        self.ids: dict[str, int] = {}

    def placed(self, key: str, *, status: str = "paid", age_s: float = OLD_S) -> dict[str, Any]:
        """Place an order that was acknowledged so long ago; what is told of it."""
        with self._postgres.connect("shop") as database:
            row = database.execute(INSERT, (f"{self.path}-{key}", status)).fetchone()
        assert row is not None
        self.ids[key] = int(row[0])
        receipt = {"order_id": row[0], "total_cents": 5, "idempotency_key": f"{self.path}-{key}"}
        line = {"t": time.time() - age_s, "kind": "order", "customer_id": 1, "payment_id": 1, **receipt}
        with self.path.open("a") as ledger:
            ledger.write(json.dumps(line) + "\n")
        return {**receipt, "payment_id": 1, "customer_id": 1}

    def told(self, key: str, **placed: Any) -> str:
        """Place an order and tell of it, as the shop does; the message's id."""
        return str(self._session.xadd(ORDER_STREAM, self.placed(key, **placed)))

    def ship(self, key: str) -> None:
        """Ship it, as the worker does."""
        with self._postgres.connect("shop") as database:
            database.execute("update orders set status = 'shipped' where id = %s", (self.ids[key],))


@pytest.fixture
def orders(postgres: Postgres, told: Any, tmp_path: Path) -> Shop:
    return Shop(postgres, told, tmp_path / "ledger.jsonl")


class Meddled:
    """The server; something else happens right after the stream's entries were read."""

    def __init__(self, server: Server, meddle: Callable[[], object]) -> None:
        self._server = server
        self._meddle: Callable[[], object] | None = meddle

    def value(self, *command: str) -> Any:
        """What the server answers."""
        answer = self._server.value(*command)
        if self._meddle is not None and command[:2] == ("XRANGE", ORDER_STREAM):
            self._meddle()
            self._meddle = None
        return answer


def test_every_acknowledged_order_is_looked_for(
    orders: Shop, told: Any, database: Database, server: Server
) -> None:
    """Two of eight are lost, one that nobody told of and one that somebody took out of the worker's hand."""
    told.xgroup_create(ORDER_STREAM, GROUP, id="0", mkstream=True)
    taken_out = orders.told("taken-out")
    orders.told("in-hand")
    told.xreadgroup(GROUP, "worker-1", {ORDER_STREAM: ">"}, count=2)
    told.xack(ORDER_STREAM, GROUP, taken_out)
    orders.told("undelivered")
    orders.placed("shipped", status="shipped")
    orders.placed("untold")
    orders.placed("young", age_s=YOUNG_S)
    orders.placed("cancelled", status="cancelled")
    told.xadd(DEAD, {**orders.placed("given-up"), "message_id": "1-1", "attempts": "5", "error": "refused"})
    with orders.path.open("a") as ledger:
        ledger.write('{"t": 1, "kind": "customer", "customer_id": 1, "email": "x"}\n{"kind": "ord')
    found = follow_orders(orders.path, database, server, stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (8, 2, 1)
    said = " ".join(found.examples)
    for key in ("taken-out", "untold", "given-up"):
        assert f"order {orders.ids[key]}:" in said
    orders.ship("taken-out")
    orders.ship("untold")
    orders.ship("given-up")
    found = follow_orders(orders.path, database, server, stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (8, 0, 0)


def test_what_moves_on_meanwhile_is_not_called_lost(
    orders: Shop, told: Any, database: Database, server: Server
) -> None:
    """One is shipped and leaves the stream, one is delivered, one is buried while the referee looks."""
    told.xgroup_create(ORDER_STREAM, GROUP, id="0", mkstream=True)
    gone, delivered, buried = (orders.told(key) for key in ("gone", "delivered", "buried"))

    def work() -> None:
        told.xreadgroup(GROUP, "worker-1", {ORDER_STREAM: ">"}, count=3)
        orders.ship("gone")
        entry = told.xrange(ORDER_STREAM, buried, buried)
        told.xadd(DEAD, dict(entry[0][1]))
        for message in (gone, buried):
            told.xack(ORDER_STREAM, GROUP, message)
            told.xdel(ORDER_STREAM, message)

    found = follow_orders(orders.path, database, Meddled(server, work), stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (3, 0, 1)
    assert f"order {orders.ids['buried']}:" in found.examples[0]
    assert told.xrange(ORDER_STREAM)[0][0] == delivered


def test_a_stream_that_nobody_reads_yet_holds_all_that_was_told(
    orders: Shop, told: Any, database: Database, server: Server
) -> None:
    """A worker that comes later begins with the oldest; without the stream there is nothing to begin with."""
    orders.told("early")
    found = follow_orders(orders.path, database, server, stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost) == (1, 0)
    told.delete(ORDER_STREAM)
    found = follow_orders(orders.path, database, server, stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost) == (1, 1)


def test_it_is_part_of_the_ledger_where_there_is_a_stream(
    orders: Shop, database: Database, server: Server
) -> None:
    """Such an order lacks its payment as well: both are counted, and both are among the examples."""
    orders.placed("untold")
    measuring = Measuring(
        database, ledger_path=orders.path, told=Told(stream=ORDER_STREAM, server=lambda: server)
    )
    detail = measuring.ledger()
    assert (detail["acknowledged"], detail["unpaid"]) == (1, 1)
    assert (detail["stream_checked"], detail["stream_lost"]) == (1, 1)
    assert "not shipped and not in the stream" in detail["examples"][-1]
    assert "payments []" in " ".join(detail["examples"])
    assert "stream_checked" not in Measuring(database, ledger_path=orders.path).ledger()


def test_an_empty_ledger_is_nothing_to_look_for(database: Database, server: Server, no_orders: Path) -> None:
    found = follow_orders(no_orders, database, server, stream=ORDER_STREAM)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (0, 0, 0)


def test_a_redis_that_does_not_answer_is_no_finding(
    redis: Running, server: Server, database: Database, no_orders: Path
) -> None:
    redis.container.stop(timeout=20)
    try:
        with pytest.raises(SampleError, match="Redis"):
            follow_orders(no_orders, database, server, stream=ORDER_STREAM)
    finally:
        redis.container.start()
