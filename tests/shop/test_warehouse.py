"""With MySQL, products and stock are there: taken once for each key, given back where a checkout fails."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import redis as client

from faults.wait import until
from tests.shop.buying import checkout, key_that, shopping
from tests.shop.conftest import SOUND
from tests.shop.servers import PASSWORDS, Mysql, Postgres, Running
from tests.shop.stack import CATALOGUE, STREAM, Pod, Stack

pytestmark = pytest.mark.docker

ORDERS_OF = "SELECT count(*) FROM orders WHERE idempotency_key = %s"
THREADS = 2
PATIENT = {"DB_THREADS": str(THREADS), "DB_CONNECT_TIMEOUT_S": "60", "CATALOGUE_TIMEOUT_S": "60"}
STATE_OF = "SELECT state FROM reservations WHERE order_key = %s"


@pytest.fixture(scope="module")
def pod(stack: Stack, mysql: Mysql, postgres: Postgres, redis: Running, pay: Running) -> Pod:
    """A pod that knows the warehouse and tells of orders."""
    return stack.pod(SOUND, **CATALOGUE, **STREAM)


@pytest.fixture
def cache(redis: Running) -> Iterator[client.Redis]:
    """The shop's own session with Redis."""
    password = PASSWORDS["REDIS_SHOP_PASSWORD"]
    with client.Redis(port=redis.port, username="shop", password=password, protocol=2) as session:
        yield session


def charge(pay: Running, key: str) -> httpx.Response:
    """What the provider knows of a key."""
    return httpx.get(f"http://127.0.0.1:{pay.port}/charges/{key}", trust_env=False)


def told(cache: client.Redis, key: str) -> int:
    """How often the stream was told of an order."""
    entries: Any = cache.xrange("orders:placed")
    return sum(fields[b"idempotency_key"] == key.encode() for _, fields in entries)


def test_products_and_their_stock_come_from_mysql(pod: Pod, mysql: Mysql, cache: client.Redis) -> None:
    mysql.rows("UPDATE products SET name = 'Felt hat' WHERE id = 77")
    cache.delete("product:77", "page:4")
    shown = pod.call("GET", "/products/77").json()
    assert (shown["name"], shown["stock"]) == ("Felt hat", mysql.stock(77)[0])
    assert set(shown) == {"id", "name", "price_cents", "sold_lately", "stock"}
    page = pod.call("GET", "/products?page=4").json()["products"]
    assert [product["id"] for product in page] == list(range(61, 81))
    assert page[16]["name"] == "Felt hat"


def test_without_a_replica_a_receipt_does_not_tell_what_is_left(pod: Pod, mysql: Mysql) -> None:
    answer = checkout(pod, shopping(pod, 20, {32: 1}), key_that(declined=False))
    assert (answer.status_code, "left" in answer.json()) == (201, False)


def test_a_checkout_takes_stock_once_however_often_the_key_comes(
    pod: Pod, mysql: Mysql, cache: client.Redis
) -> None:
    before, key = mysql.stock(21), key_that(declined=False)
    token = shopping(pod, 11, {21: 2, 22: 1})
    answers = [checkout(pod, token, key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert mysql.stock(21) == (before[0] - 2, before[1] + 2)
    assert mysql.movements(key) == [(21, -2, "sale"), (22, -1, "sale")]
    assert told(cache, key) == 1


def test_the_same_key_at_once_takes_stock_once(pod: Pod, mysql: Mysql, postgres: Postgres) -> None:
    before, key = mysql.stock(23), key_that(declined=False)
    token, answers = shopping(pod, 12, {23: 2}), []

    def buy() -> None:
        answers.append(checkout(pod, token, key).status_code)

    threads = [threading.Thread(target=buy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(201) == 1, answers
    assert set(answers) <= {200, 201, 409}  # 409: the cart was empty by then
    assert mysql.stock(23) == (before[0] - 2, before[1] + 2)
    assert postgres.value(ORDERS_OF, key) == 1


def test_what_is_sold_out_is_told_and_nothing_is_taken(
    pod: Pod, mysql: Mysql, postgres: Postgres, pay: Running
) -> None:
    mysql.rows("UPDATE stock SET on_hand = 1 WHERE product_id = 25")
    before, key = mysql.stock(24), key_that(declined=False)
    answer = checkout(pod, shopping(pod, 13, {24: 1, 25: 2}), key)
    assert (answer.status_code, answer.json()) == (409, {"error": "out_of_stock"})
    assert (mysql.stock(24), mysql.stock(25)[0], mysql.movements(key)) == (before, 1, [])
    assert (postgres.value(ORDERS_OF, key), charge(pay, key).status_code) == (0, 404)


def test_a_declined_card_gives_the_stock_back(pod: Pod, mysql: Mysql) -> None:
    before, key = mysql.stock(26), key_that(declined=True)
    token = shopping(pod, 14, {26: 3})
    assert [checkout(pod, token, key).status_code for _ in range(2)] == [402, 402]
    assert mysql.stock(26) == before
    assert mysql.movements(key) == [(26, -3, "sale"), (26, 3, "return")] * 2


def test_where_postgres_refuses_stock_and_money_go_back_and_the_key_may_come_again(
    pod: Pod, mysql: Mysql, postgres: Postgres, pay: Running, cache: client.Redis
) -> None:
    before, key = mysql.stock(27), key_that(declined=False)
    token = shopping(pod, 15, {27: 2})
    postgres.run("REVOKE INSERT ON order_lines FROM shop")
    try:
        assert checkout(pod, token, key).status_code == 500
    finally:
        postgres.run("GRANT INSERT ON order_lines TO shop")
    assert (mysql.stock(27), mysql.value(STATE_OF, key)) == (before, "returned")
    assert charge(pay, key).json()["refunded"] is True
    assert postgres.value(ORDERS_OF, key) == 0
    assert checkout(pod, token, key).status_code == 201
    assert mysql.stock(27) == (before[0] - 2, before[1] + 2)
    assert mysql.movements(key) == [(27, -2, "sale"), (27, 2, "return"), (27, -2, "sale")]
    assert charge(pay, f"{key}.2").json()["refunded"] is False
    assert told(cache, key) == 1


LATE = (
    "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'too late'; END$$;"
    "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION late()"
)


def test_what_failed_at_the_commit_is_kept_for_the_same_key(
    pod: Pod, mysql: Mysql, postgres: Postgres, pay: Running
) -> None:
    before, key = mysql.stock(28), key_that(declined=False)
    token = shopping(pod, 16, {28: 1})
    postgres.run(f"SET ROLE shop_owner; {LATE}")
    try:
        assert checkout(pod, token, key).status_code == 500
    finally:
        postgres.run("SET ROLE shop_owner; DROP TRIGGER late ON orders; DROP FUNCTION late()")
    assert (mysql.stock(28), mysql.value(STATE_OF, key)) == ((before[0] - 1, before[1] + 1), "reserved")
    assert charge(pay, key).json()["refunded"] is False
    other = shopping(pod, 16, {28: 1, 29: 1})
    assert checkout(pod, other, key).json() == {"error": "key_conflict"}
    assert checkout(pod, token, key).status_code == 201
    assert mysql.stock(28) == (before[0] - 1, before[1] + 1)


def test_a_hung_mysql_leaves_everything_else_served(stack: Stack, pod: Pod, mysql: Mysql) -> None:
    pod = stack.pod(SOUND, **CATALOGUE, **STREAM, **PATIENT)
    token, calls = shopping(pod, 17, {30: 1}), itertools.count()
    pod.call("GET", "/products/31")

    def all_threads_wait() -> bool | None:
        pool.submit(checkout, pod, token, f"hung-{next(calls)}")
        return pod.metric('shop_db_threads_busy{database="catalogue"}') == THREADS or None

    with ThreadPoolExecutor(2 * THREADS) as pool, mysql.paused():
        until(all_threads_wait, what="all of MySQL's threads wait", timeout_s=60, every_s=0.1)
        assert pod.login(18).status_code == 200
        for path in ("/orders", "/cart", "/products/31", "/report", "/health/ready"):
            assert pod.call("GET", path, token=token).status_code == 200, path
        # Who needs one of those threads is told at once.
        assert checkout(pod, token, "one-too-many").json() == {"error": "busy"}
        assert pod.metric('shop_db_threads_busy{database="catalogue"}') == THREADS
    again = shopping(pod, 17, {30: 1})
    key = key_that(declined=False)
    until(lambda: checkout(pod, again, key).status_code == 201 or None, what="checkouts", timeout_s=30)


def test_a_request_waits_for_mysql_so_long_and_no_longer(stack: Stack, mysql: Mysql, pod: Pod) -> None:
    impatient = stack.pod(SOUND, **CATALOGUE, CATALOGUE_TIMEOUT_S="1")
    key, token = key_that(declined=False), shopping(impatient, 19, {31: 1})
    with mysql.paused():
        assert checkout(impatient, token, key).json() == {"error": "database"}
    assert checkout(impatient, token, key).status_code == 201


def test_each_database_has_numbers_of_its_own(pod: Pod) -> None:
    for database in ("orders", "catalogue"):
        assert pod.metric(f'shop_db_pool_size{{database="{database}"}}') == 5
        assert pod.metric(f'shop_db_pool_checked_out{{database="{database}"}}') == 0
        assert pod.metric(f'shop_db_threads_busy{{database="{database}"}}') == 0
    assert pod.metric('shop_checkout_undone_total{result="done",step="payment"}') == 1
