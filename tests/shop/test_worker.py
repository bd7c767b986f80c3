"""The worker ships what was ordered: once, in order, and over whatever is away meanwhile."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis as client

from faults.wait import until
from tests.shop.buying import checkout, key_that, shopping
from tests.shop.conftest import SOUND
from tests.shop.servers import PASSWORDS, Mysql, Postgres, Running
from tests.shop.stack import CATALOGUE, STREAM, Pod, Stack, Worker

pytestmark = pytest.mark.docker

PLACED, DEAD, GROUP = "orders:placed", "orders:placed:dead", "shipping"
POISON: dict[Any, Any] = {"order_id": "n/a", "idempotency_key": "poison"}
BURIED_AFTER = 3
SHIPPED = "SELECT count(*) FROM orders WHERE id = ANY(%s) AND status = 'shipped'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
PLACE = "INSERT INTO orders (customer_id, total_cents, idempotency_key) VALUES (1, 5, %s) RETURNING id"
PAST = "SELECT count(*) FROM orders WHERE idempotency_key IS NULL AND status = 'paid'"
OPEN = (
    "SELECT (SELECT count(*) FROM reservations WHERE state <> 'fulfilled')"
    " + (SELECT count(*) FROM stock_movements WHERE order_key IS NOT NULL AND order_id IS NULL)"
    " + (SELECT COALESCE(SUM(reserved), 0) FROM stock)"
)

Start = Callable[..., Worker]


@pytest.fixture(scope="module")
def pod(stack: Stack, mysql: Mysql, postgres: Postgres, redis: Running, pay: Running) -> Pod:
    """A pod that knows the warehouse and tells of orders."""
    return stack.pod(SOUND, **CATALOGUE, **STREAM)


@pytest.fixture
def start(stack: Stack, pod: Pod) -> Iterator[Start]:
    """Start a worker; it is killed afterwards."""
    workers: list[Worker] = []

    def started(**environment: str) -> Worker:
        limits = {"WORKER_MAX_ATTEMPTS": str(BURIED_AFTER), "WORKER_LONGEST_BACKOFF_S": "0.2"}
        workers.append(stack.worker(**(limits | environment)))
        return workers[-1]

    yield started
    for worker in workers:
        worker.running.container.remove(force=True)


def stream(redis: Running) -> "client.Redis":
    """A session with Redis as the person on call."""
    password = PASSWORDS["REDIS_ONCALL_PASSWORD"]
    return client.Redis(
        port=redis.port, username="oncall", password=password, protocol=2, decode_responses=True
    )


def buy(pod: Pod, how_many: int = 1) -> list[int]:
    """The ids of orders that were placed one after the other."""
    ids = []
    for n in range(how_many):
        answer = checkout(pod, shopping(pod, 20 + n, {40: 1, 41 + n: 2}), key_that(declined=False))
        ids.append(int(answer.json()["order_id"]))
    return ids


def until_shipped(postgres: Postgres, orders: list[int]) -> None:
    """Wait until all of them are."""
    until(lambda: postgres.value(SHIPPED, orders) == len(orders) or None, what="shipped", timeout_s=60)


def until_served(pod: Pod) -> None:
    """Wait until the pod has noticed that a server is back."""
    until(lambda: pod.login(11).status_code == 200 or None, what="customers come in", timeout_s=60)


def until_empty(redis: Running) -> None:
    """Wait until the stream holds nothing."""
    with stream(redis) as session:
        until(lambda: session.xlen(PLACED) == 0 or None, what="an empty stream", timeout_s=60)


def test_an_order_is_shipped_and_its_stock_leaves(
    start: Start, pod: Pod, postgres: Postgres, mysql: Mysql, redis: Running
) -> None:
    before = mysql.stock(40)[0]
    orders = buy(pod, 3)
    assert mysql.stock(40) == (before - 3, 3)
    worker = start()
    until_shipped(postgres, orders)
    until_empty(redis)
    assert (mysql.stock(40), mysql.value(OPEN)) == ((before - 3, 0), 0)
    until(lambda: worker.metric("shop_worker_handled_total") == 3 or None, what="handled", timeout_s=20)
    assert worker.metric('shop_worker_stream_depth{state="pending"}') == 0
    assert worker.metric('shop_worker_stream_depth{state="undelivered"}') == 0
    assert worker.metric("shop_worker_oldest_age_seconds") == 0


def test_a_poison_message_is_given_up_and_the_next_is_shipped(
    start: Start, pod: Pod, postgres: Postgres, redis: Running
) -> None:
    with stream(redis) as session:
        poison = session.xadd(PLACED, POISON)
        orders = buy(pod)
        worker = start()
        until_shipped(postgres, orders)
        (entry,) = session.xrange(DEAD)
        session.delete(DEAD)
    kept = dict(entry[1])
    assert (kept["message_id"], kept["attempts"]) == (poison, str(BURIED_AFTER))
    assert kept["order_id"] == "n/a"
    assert "no order is named" in kept["error"]
    assert worker.metric("shop_worker_dead_letters_total") == 1
    assert worker.metric('shop_worker_retries_total{reason="refused"}') == BURIED_AFTER - 1


def test_without_a_limit_a_poison_message_blocks_what_comes_after_it(
    start: Start, pod: Pod, postgres: Postgres, redis: Running
) -> None:
    worker = start(WORKER_MAX_ATTEMPTS="0")
    with stream(redis) as session:
        poison = session.xadd(PLACED, POISON)
        orders = buy(pod, 2)
        many = 2 * BURIED_AFTER
        until(
            lambda: worker.metric('shop_worker_retries_total{reason="refused"}') > many or None,
            what="it is tried again and again",
            timeout_s=60,
        )
        assert worker.metric('shop_worker_stream_depth{state="pending"}') == 1
        assert worker.metric('shop_worker_stream_depth{state="undelivered"}') == 2
        assert worker.metric("shop_worker_oldest_age_seconds") > 0
        assert (
            postgres.value("SELECT count(*) FROM orders WHERE id = ANY(%s) AND status = 'paid'", orders) == 2
        )
        session.xack(PLACED, GROUP, str(poison))
    until_shipped(postgres, orders)
    until_empty(redis)


def test_a_database_that_is_away_is_no_messages_fault(
    start: Start, pod: Pod, postgres: Postgres, mysql: Mysql, redis: Running
) -> None:
    orders = buy(pod)
    postgres.running.container.stop(timeout=20)
    worker = start()
    until(
        lambda: worker.metric('shop_worker_retries_total{reason="away"}') > BURIED_AFTER or None,
        what="it waits",
        timeout_s=60,
    )
    postgres.running.container.start()
    postgres.wait()
    until_served(pod)
    until_shipped(postgres, orders)
    assert worker.metric("shop_worker_dead_letters_total") == 0


def test_nothing_is_lost_or_doubled_over_restarts(
    start: Start, pod: Pod, postgres: Postgres, mysql: Mysql, redis: Running
) -> None:
    before = mysql.stock(40)[0]
    orders = buy(pod, 3)
    with postgres.connect("dba") as session, session.transaction():
        session.execute("SELECT FROM orders WHERE id = ANY(%s) FOR UPDATE", (orders,))
        worker = start()
        until(
            lambda: postgres.value(WAITING, "shop-worker") == 1 or None, what="one is in hand", timeout_s=30
        )
        worker.running.container.kill()
    redis.container.restart(timeout=10)
    worker.running.container.start()
    until_served(pod)
    orders += buy(pod)
    worker.running.container.restart(timeout=10)
    until_shipped(postgres, orders)
    until_empty(redis)
    assert mysql.stock(40) == (before - len(orders), 0)
    assert mysql.value(OPEN) == 0
    with stream(redis) as session:
        assert session.xlen(DEAD) == 0


def test_an_order_that_nobody_told_is_found(
    start: Start, pod: Pod, postgres: Postgres, mysql: Mysql, redis: Running
) -> None:
    orders = buy(pod)
    with stream(redis) as session:
        session.delete(PLACED)
    worker = start(WORKER_LOST_AFTER_S="1")
    until_shipped(postgres, orders)
    until(lambda: worker.metric("shop_worker_found_total") == 1 or None, what="found", timeout_s=20)
    assert mysql.value(OPEN) == 0


def placed(postgres: Postgres, key: str) -> int:
    """An order that nobody is told of, and for which no stock is counted."""
    with postgres.connect("shop") as session:
        row = session.execute(PLACE.encode(), (f"{key}-{uuid.uuid4().hex}",)).fetchone()
    assert row is not None
    return int(row[0])


def test_without_a_warehouse_untold_orders_are_found_too_and_the_past_is_left_alone(
    start: Start, postgres: Postgres, redis: Running
) -> None:
    past = postgres.value(PAST)
    orders = [placed(postgres, f"untold-{n}") for n in range(3)]
    start(WORKER_LOST_AFTER_S="1", CATALOGUE_URL="")
    until_shipped(postgres, orders)
    assert past > 0
    assert postgres.value(PAST) == past


def test_an_order_that_nobody_told_is_found_while_messages_keep_coming(
    start: Start, postgres: Postgres, redis: Running
) -> None:
    """Ten a second: there is never a second in which nothing is to do."""
    key = f"told-{uuid.uuid4().hex}"
    told = postgres.value(PLACE, key, role="shop")
    start(WORKER_LOST_AFTER_S="1", CATALOGUE_URL="")
    until_shipped(postgres, [told])
    untold = placed(postgres, "untold")
    with stream(redis) as session:

        def found() -> bool | None:
            session.xadd(PLACED, {"order_id": told, "idempotency_key": key})
            return postgres.value(SHIPPED, [untold]) == 1 or None

        until(found, what="the untold one is shipped", timeout_s=30, every_s=0.1)
    until_empty(redis)


def test_one_that_is_behind_takes_nothing_for_lost_that_waits_for_its_turn(
    start: Start, pod: Pod, postgres: Postgres, redis: Running
) -> None:
    """The first is held until a search is due and the others are old enough to be found by it."""
    orders = buy(pod, 3)
    with postgres.connect("dba") as session, session.transaction():
        session.execute("SELECT FROM orders WHERE id = %s FOR UPDATE", (orders[0],))
        worker = start(WORKER_LOST_AFTER_S="1")
        until(
            lambda: postgres.value(WAITING, "shop-worker") == 1 or None, what="one is in hand", timeout_s=30
        )
        time.sleep(2.0)
    until(lambda: worker.metric("shop_worker_handled_total") == 3 or None, what="handled", timeout_s=60)
    until_shipped(postgres, orders)
    assert worker.metric("shop_worker_found_total") == 0


def test_a_stream_that_was_thrown_away_is_joined_anew(
    start: Start, pod: Pod, postgres: Postgres, redis: Running
) -> None:
    """Its group went with it; what was in it is found, and what is told from then on is handled."""
    worker = start(WORKER_LOST_AFTER_S="1")
    until_shipped(postgres, buy(pod))
    with stream(redis) as session:
        session.delete(PLACED)
        orders = buy(pod)
        until_shipped(postgres, orders)
        until(lambda: session.exists(PLACED) or None, what="there is a stream again", timeout_s=30)
        (group,) = session.xinfo_groups(PLACED)
    assert group["name"] == GROUP
    until_empty(redis)
    until(lambda: worker.metric("shop_worker_handled_total") == 2 or None, what="handled", timeout_s=20)


def test_a_redis_without_memory_is_waited_for_and_what_it_lost_is_found(
    start: Start, pod: Pod, postgres: Postgres, redis: Running
) -> None:
    """All keys are thrown away and none is taken; the order stands, and is shipped once there is room."""
    worker = start(WORKER_LOST_AFTER_S="1")
    until_shipped(postgres, buy(pod))
    with stream(redis) as session:
        before = session.config_get("maxmemory*")
        session.config_set("maxmemory-policy", "allkeys-lru")
        session.config_set("maxmemory", "1")
        try:
            until(lambda: session.exists(PLACED) == 0 or None, what="the stream is gone", timeout_s=30)
            with pytest.raises(client.ResponseError, match="maxmemory"):
                session.xadd(PLACED, POISON)
            untold = placed(postgres, "untold")
        finally:
            for name in ("maxmemory", "maxmemory-policy"):
                session.config_set(name, before[name])
    until_shipped(postgres, [untold])
    assert worker.metric("shop_worker_dead_letters_total") == 0


def test_it_stops_when_told(start: Start) -> None:
    container = start().running.container
    container.stop(timeout=20)
    container.reload()
    assert container.attrs["State"]["ExitCode"] == 0
