"""What helps against 2.4.0 and what only moves the outage, on the real thing."""

import time

import pytest

from tests.shop.conftest import LEAKY
from tests.shop.stack import SESSIONS, Postgres, Running, Stack, credentials, gold
from tests.shop.traffic import Call, by_status, ok_ratio, send

pytestmark = pytest.mark.docker

GOLD = [Call(route="login", method="POST", path="/login", json=credentials(gold(n))) for n in range(300)]


@pytest.fixture
def shop(stack: Stack, postgres: Postgres, redis: Running, pay: Running) -> Stack:
    """A shop without pods, its database as it was at first."""
    postgres.run("ALTER ROLE shop RESET idle_session_timeout")
    return stack


def history(token: str) -> list[Call]:
    """A signed-in customer who looks back, among gold customers who sign in."""
    return [
        call
        for login in GOLD
        for call in (login, Call(route="history", method="GET", path="/orders", token=token))
    ]


def end_sessions(postgres: Postgres) -> None:
    """End what the application holds."""
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop-api'")


def test_slots_run_out_and_killing_sessions_alone_does_not_last(shop: Stack, postgres: Postgres) -> None:
    pod = shop.pod(LEAKY)
    token = pod.token(1)
    send([pod.url], GOLD, per_s=20, for_s=6)
    answers = send([pod.url], history(token), per_s=10, for_s=3)
    assert ok_ratio(answers, "login", "history") < 0.1
    assert pod.call("GET", "/orders", token=token).json() == {"error": "database"}
    assert "remaining connection slots are reserved" in pod.running.log()
    assert pod.call("GET", "/products/1").status_code == 200
    end_sessions(postgres)
    assert ok_ratio(send([pod.url], GOLD, per_s=20, for_s=2), "login") > 0.5
    send([pod.url], GOLD, per_s=20, for_s=5)
    assert ok_ratio(send([pod.url], GOLD, per_s=10, for_s=2), "login") < 0.1
    pod.running.container.stop(timeout=5)


def test_an_idle_timeout_with_pre_ping_heals(shop: Stack, postgres: Postgres) -> None:
    postgres.run("ALTER ROLE shop SET idle_session_timeout = '5s'")
    pod = shop.pod(LEAKY, DB_POOL_PRE_PING="1")
    answers = send([pod.url], history(pod.token(1)), per_s=5, for_s=30)
    assert ok_ratio(answers, "login", "history", good=lambda s: s == 200) >= 0.99, (
        f"{by_status(answers)} {pod.running.log()}"
    )
    assert postgres.value(SESSIONS) <= 0.6 * 85
    time.sleep(7)  # all that were left idle are over
    assert pod.login(3).status_code == 200
    assert postgres.value(SESSIONS) <= 3
    pod.running.container.stop(timeout=5)


def test_a_bounded_pool_moves_the_outage_into_the_api(shop: Stack, postgres: Postgres) -> None:
    pod = shop.pod(LEAKY, DB_MAX_OVERFLOW="10")
    token = pod.token(1)
    send([pod.url], GOLD, per_s=10, for_s=3)
    answers = send([pod.url], history(token), per_s=5, for_s=5)
    assert ok_ratio(answers, "login", "history", good=lambda status: status == 200) < 0.1
    assert postgres.value(SESSIONS) == 15
    assert pod.metric('shop_db_errors_total{kind="pool_timeout"}') > 0
    assert "QueuePool limit of size 5 overflow 10 reached" in pod.running.log()
    end_sessions(postgres)  # the pool never hears of it
    assert ok_ratio(send([pod.url], GOLD, per_s=2, for_s=3), "login", good=lambda s: s == 200) == 0
    pod.running.container.stop(timeout=5)
