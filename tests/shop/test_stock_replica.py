"""With MySQL's replica, a look at a product counts its stock there, and a receipt says what is left."""

import time

import pymysql
import pytest

from faults.wait import until
from tests.shop.buying import checkout, key_that, shopping
from tests.shop.conftest import SOUND
from tests.shop.servers import PASSWORDS, Mysql, Postgres, Running
from tests.shop.stack import CATALOGUE, STOCK, Pod, Stack

pytestmark = pytest.mark.docker

STEP_S = 20.0


@pytest.fixture(scope="module")
def replica(stack: Stack, mysql: Mysql) -> Mysql:
    """MySQL's replica."""
    return stack.mysql("mysql-replica", MYSQL_ROLE="replica", MYSQL_SOURCE_HOST="mysql")


@pytest.fixture(scope="module")
def pod(stack: Stack, mysql: Mysql, replica: Mysql, postgres: Postgres, redis: Running, pay: Running) -> Pod:
    """A pod that knows of the replica."""
    return stack.pod(SOUND, **CATALOGUE, **STOCK)


def shown(pod: Pod, product: int) -> int:
    """The stock that a look shows."""
    return int(pod.call("GET", f"/products/{product}").json()["stock"])


def as_dba(server: Mysql, statement: str) -> None:
    """Run a statement as the DBA."""
    with pymysql.connect(
        host="127.0.0.1",
        port=server.running.port,
        user="dba",
        password=PASSWORDS["MYSQL_DBA_PASSWORD"],
        ssl={"check_hostname": False},
    ) as session:
        session.cursor().execute(statement)


def test_a_look_shows_what_the_replica_has_and_a_receipt_what_is_left(
    pod: Pod, mysql: Mysql, replica: Mysql
) -> None:
    before = shown(pod, 41)
    key, token = key_that(declined=False), shopping(pod, 21, {41: 2, 42: 1})
    receipt = checkout(pod, token, key)
    left = {"41": mysql.stock(41)[0], "42": mysql.stock(42)[0]}
    assert (receipt.status_code, receipt.json()["left"]) == (201, left)
    assert left["41"] == before - 2
    until(lambda: shown(pod, 41) == before - 2 or None, what="the replica has it", timeout_s=STEP_S)
    # Who sends the key again is told of the order, and not of what others have left since.
    again = checkout(pod, token, key)
    assert (again.status_code, "left" in again.json()) == (200, False)


def test_a_replica_that_does_not_apply_shows_what_is_gone(pod: Pod, mysql: Mysql, replica: Mysql) -> None:
    before = shown(pod, 43)
    as_dba(replica, "STOP REPLICA SQL_THREAD")
    try:
        receipt = checkout(pod, shopping(pod, 22, {43: 3}), key_that(declined=False)).json()
        assert (receipt["left"]["43"], shown(pod, 43)) == (before - 3, before)
    finally:
        as_dba(replica, "START REPLICA")
    until(lambda: shown(pod, 43) == before - 3 or None, what="the replica has it", timeout_s=STEP_S)


def test_told_to_read_no_replica_a_look_shows_what_the_source_has(
    stack: Stack, pod: Pod, replica: Mysql
) -> None:
    alone = stack.pod(SOUND, **CATALOGUE, **STOCK, READ_REPLICAS="0")
    before = shown(alone, 45)
    as_dba(replica, "STOP REPLICA SQL_THREAD")
    try:
        left = checkout(alone, shopping(alone, 23, {45: 2}), key_that(declined=False)).json()["left"]
        assert (left["45"], shown(alone, 45), shown(pod, 45)) == (before - 2, before - 2, before)
    finally:
        as_dba(replica, "START REPLICA")


def test_where_the_replica_does_not_answer_the_cache_does(pod: Pod, replica: Mysql) -> None:
    cached = shown(pod, 44)
    replica.rows("SELECT 1")
    with replica.paused():
        began = time.monotonic()
        answer = pod.call("GET", "/products/44")
        took_s = time.monotonic() - began
    assert (answer.status_code, answer.json()["stock"]) == (200, cached)
    assert took_s < 2.0, "who looks gives up after two seconds"


def test_nobody_looks_for_what_is_not_sold(pod: Pod) -> None:
    assert pod.call("GET", "/products/999999").status_code == 404
