"""Those who miss what the cache held: each asks the database, or one for all of them, as the pod is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis as client

from faults.wait import until
from tests.shop.conftest import SOUND
from tests.shop.servers import PASSWORDS, Postgres, Running
from tests.shop.stack import Pod, Stack

pytestmark = pytest.mark.docker

KEY = "page:sales"
READERS = 5
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-api' AND wait_event_type = 'Lock'"
)


@pytest.fixture
def cache(redis: Running) -> Iterator[client.Redis]:
    """The shop's own session with Redis."""
    password = PASSWORDS["REDIS_SHOP_PASSWORD"]
    with client.Redis(port=redis.port, username="shop", password=password, protocol=2) as session:
        yield session


@pytest.mark.parametrize(("told", "asking"), [({}, READERS), ({"CACHE_SINGLE_FLIGHT": "1"}, 1)])
def test_a_miss_of_several_at_once_asks_the_database_as_told(
    stack: Stack, postgres: Postgres, pay: Running, cache: client.Redis, told: dict[str, str], asking: int
) -> None:
    cache.delete(KEY)
    pod = stack.pod(SOUND, **told)
    until(lambda: cache.exists(KEY) or None, what="the pod has warmed the cache", timeout_s=60)
    missed = pod.metric('shop_cache_requests_total{result="miss"}')
    with ThreadPoolExecutor(READERS) as readers, postgres.connect("dba") as owner, owner.transaction():
        owner.execute("LOCK TABLE order_lines")
        cache.delete(KEY)
        shown = [readers.submit(pod.call, "GET", "/products/1") for _ in range(READERS)]
        until(
            lambda: pod.metric('shop_cache_requests_total{result="miss"}') - missed == READERS or None,
            what="all have missed it",
            timeout_s=60,
        )
        until(lambda: postgres.value(WAITING) == asking or None, what="who asks waits", timeout_s=60)
    assert [one.result().json()["sold_lately"] > 0 for one in shown] == [True] * READERS
    assert cache.exists(KEY) == 1


def test_a_page_is_shown_without_what_cannot_be_counted(
    pod: Pod, postgres: Postgres, cache: client.Redis
) -> None:
    postgres.run("REVOKE SELECT ON order_lines FROM shop")
    try:
        cache.delete(KEY)
        answer = pod.call("GET", "/products/2")
        assert (answer.status_code, "sold_lately" in answer.json()) == (200, False)
    finally:
        postgres.run("GRANT SELECT ON order_lines TO shop")
