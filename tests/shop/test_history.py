"""With a replica the past is read there, and is as old as the replica is."""

import pytest

from faults.wait import until
from tests.shop.buying import checkout, key_that, shopping
from tests.shop.conftest import SOUND
from tests.shop.servers import Postgres, Running
from tests.shop.stack import HISTORY, Pod, Stack

pytestmark = pytest.mark.docker

PAUSED = "SELECT pg_get_wal_replay_pause_state()"


@pytest.fixture(scope="module")
def postgres(stack: Stack) -> Postgres:
    """A primary that keeps for its replica what it has not had yet."""
    return stack.postgres(WITH_REPLICA="1")


@pytest.fixture(scope="module")
def replica(stack: Stack, postgres: Postgres) -> Postgres:
    """Its replica."""
    return stack.postgres("postgres-replica", POSTGRES_ROLE="replica", PRIMARY_HOST="postgres")


@pytest.fixture(scope="module")
def pod(stack: Stack, replica: Postgres, redis: Running, pay: Running) -> Pod:
    """A pod that reads the past from the replica."""
    return stack.pod(SOUND, **HISTORY)


def newest(pod: Pod, token: str) -> tuple[int, int]:
    """The newest order of the customer's history, and of the report."""
    history, report = (pod.call("GET", path, token=token).json() for path in ("/orders", "/report"))
    return history["orders"][0]["order_id"], report["newest_order_id"]


def test_a_lagging_replica_shows_stale_history(pod: Pod, postgres: Postgres, replica: Postgres) -> None:
    token = shopping(pod, 11, {7: 1})
    before = newest(pod, token)
    replica.run("SELECT pg_wal_replay_pause()")
    until(lambda: replica.value(PAUSED) == "paused" or None, what="the replay is paused", timeout_s=30)
    order_id = checkout(pod, token, key_that(declined=False)).json()["order_id"]
    assert postgres.value("SELECT count(*) FROM orders WHERE id = %s", order_id) == 1
    assert newest(pod, token) == before
    replica.run("SELECT pg_wal_replay_resume()")
    caught_up = (order_id, order_id)
    until(lambda: newest(pod, token) == caught_up or None, what="the history is new", timeout_s=30)


def test_told_to_read_no_replica_the_past_is_the_primarys(stack: Stack, pod: Pod, replica: Postgres) -> None:
    alone = stack.pod(SOUND, **HISTORY, READ_REPLICAS="0")
    token = shopping(alone, 16, {9: 1})
    before = newest(pod, token)
    replica.run("SELECT pg_wal_replay_pause()")
    try:
        until(lambda: replica.value(PAUSED) == "paused" or None, what="the replay is paused", timeout_s=30)
        order_id = checkout(alone, token, key_that(declined=False)).json()["order_id"]
        assert (newest(alone, token), newest(pod, token)) == ((order_id, order_id), before)
    finally:
        replica.run("SELECT pg_wal_replay_resume()")


def test_a_report_tells_what_sells_best(pod: Pod) -> None:
    report = pod.call("GET", "/report", token=pod.token(12)).json()
    quantities = [product["quantity"] for product in report["best_sellers"]]
    assert len(quantities) == 10
    assert quantities == sorted(quantities, reverse=True)


def test_a_hung_replica_takes_history_alone(stack: Stack, pod: Pod, replica: Postgres) -> None:
    token = pod.token(13)
    assert pod.call("GET", "/orders", token=token).status_code == 200
    with replica.paused():
        assert pod.login(14).status_code == 200
        buyer = shopping(pod, 15, {8: 1})
        assert checkout(pod, buyer, key_that(declined=False)).status_code == 201
        assert pod.metric('shop_db_pool_size{database="history"}') == 5
    assert pod.call("GET", "/orders", token=token).status_code == 200
