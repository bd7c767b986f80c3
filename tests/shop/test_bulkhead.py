"""A database that hangs takes neither the browsing customers nor the pods with it."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from faults.wait import until
from tests.shop.conftest import SOUND
from tests.shop.servers import PATIENCE_S, Postgres, Running
from tests.shop.stack import Pod, Stack, credentials
from tests.shop.traffic import Call, by_status, ok_ratio, send

pytestmark = pytest.mark.docker

HUNG_S = 8
"""Four times what it takes until all threads are taken; tests/contract has twenty seconds of it."""
MIX = {"browse": 38, "cart": 17, "login": 14, "checkout": 14, "history": 14, "register": 3}


@pytest.fixture(scope="module")
def pods(stack: Stack, postgres: Postgres, redis: Running, pay: Running) -> list[Pod]:
    """Two pods, as the shop has."""
    return [stack.pod(SOUND), stack.pod(SOUND)]


def calls(token: str) -> list[Call]:
    """Five minutes of the shop's traffic, the same in every test run."""
    chance = random.Random(1)  # noqa: S311 - no secret
    routes = chance.choices(list(MIX), weights=list(MIX.values()), k=18_000)
    return [call(route, n, token, chance) for n, route in enumerate(routes)]


def call(route: str, n: int, token: str, chance: random.Random) -> Call:
    """One request of a route."""
    customer = chance.randint(1, 20_000)
    return {
        "browse": Call(route=route, method="GET", path=f"/products/{1 + customer % 500}"),
        "cart": Call(route=route, method="GET", path="/cart", token=token),
        "login": Call(route=route, method="POST", path="/login", json=credentials(customer)),
        "checkout": Call(
            route=route, method="POST", path="/checkout", token=token, json={"idempotency_key": f"hung-{n}"}
        ),
        "history": Call(route=route, method="GET", path="/orders", token=token),
        "register": Call(
            route=route,
            method="POST",
            path="/register",
            json={"email": f"hung-{n}@shop.example", "name": "x", "password": "x"},
        ),
    }[route]


def health(pods: list[Pod], *, for_s: float) -> list[int]:
    """What the balancer's checks see, once a second."""
    end_at, seen = time.monotonic() + for_s, []
    while time.monotonic() < end_at:
        seen += [pod.call("GET", "/health/ready").status_code for pod in pods]
        time.sleep(1)
    return seen


def idle(urls: list[str], history: Call) -> bool:
    """Whether everybody who needs the database gets it."""
    return ok_ratio(send(urls, [history], per_s=5, for_s=1, timeout_s=PATIENCE_S), "history") == 1.0


def test_browsing_goes_on_while_the_database_hangs(pods: list[Pod], postgres: Postgres) -> None:
    mix, urls = calls(pods[0].token(1)), [pod.url for pod in pods]
    with ThreadPoolExecutor(1) as pool, postgres.paused():
        checks = pool.submit(health, pods, for_s=HUNG_S)
        answers = send(urls, mix, per_s=30, for_s=HUNG_S)
        assert set(checks.result()) == {200}
    assert ok_ratio(answers, "browse", good=lambda status: status == 200) >= 0.99, by_status(answers)
    assert ok_ratio(answers, "cart", good=lambda status: status == 200) >= 0.99, by_status(answers)
    assert ok_ratio(answers, "login", "history", "checkout", "register") < 0.05
    # Once the threads are all taken, who needs one is told at once.
    assert by_status(answers)["login", 503] > 0


def test_all_is_well_once_the_database_is_back(pods: list[Pod]) -> None:
    urls = [pod.url for pod in pods]
    history = Call(route="history", method="GET", path="/orders", token=pods[0].token(1))
    until(lambda: idle(urls, history) or None, what="the threads are free again", timeout_s=60)
    answers = send(urls, calls(pods[0].token(1)), per_s=30, for_s=3, timeout_s=PATIENCE_S)
    assert ok_ratio(answers, *MIX) == 1.0, by_status(answers)


def test_a_pod_that_starts_without_a_database_gets_ready(stack: Stack, postgres: Postgres) -> None:
    with postgres.paused():
        assert stack.pod(SOUND).call("GET", "/products/1").status_code == 200
