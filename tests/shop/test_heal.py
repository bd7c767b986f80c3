"""What helps against 2.4.0 and what only moves the outage, on the real thing."""

import time
from collections.abc import Callable, Iterator

import pytest

from faults.wait import until
from tests.shop.conftest import LEAKY
from tests.shop.servers import PATIENCE_S, Postgres, Running
from tests.shop.stack import SESSIONS, Pod, Stack, credentials, gold
from tests.shop.traffic import Answer, Call, by_status, ok_ratio, send

pytestmark = pytest.mark.docker

GOLD = [Call(route="login", method="POST", path="/login", json=credentials(gold(n))) for n in range(300)]
Start = Callable[..., Pod]
REFUSAL = "remaining connection slots are reserved"


@pytest.fixture
def start(stack: Stack, postgres: Postgres, redis: Running, pay: Running) -> Iterator[Start]:
    """Start a pod of the leaky release on a database that holds no session; it is stopped afterwards."""
    postgres.run("ALTER ROLE shop RESET idle_session_timeout")
    pods: list[Pod] = []

    def started(**environment: str) -> Pod:
        pods.append(stack.pod(LEAKY, **environment))
        return pods[-1]

    yield started
    for pod in pods:
        pod.running.container.remove(force=True)
    until(lambda: postgres.value(SESSIONS) == 0 or None, what="no session of the pods", timeout_s=60)


def served(answers: list[Answer]) -> float:
    """The share of answers that a customer would call one."""
    return ok_ratio(answers, "login", "history", good=lambda status: status == 200)


def sign_in(pod: Pod, *, per_s: float, for_s: float) -> list[Answer]:
    """Gold customers sign in."""
    return send([pod.url], GOLD, per_s=per_s, for_s=for_s, timeout_s=PATIENCE_S)


def sign_in_and_look_back(pod: Pod, token: str, *, per_s: float, for_s: float) -> list[Answer]:
    """Every other call is a signed-in customer's who asks for old orders."""
    history = Call(route="history", method="GET", path="/orders", token=token)
    calls = [call for login in GOLD for call in (login, history)]
    return send([pod.url], calls, per_s=per_s, for_s=for_s, timeout_s=PATIENCE_S)


def fill(pod: Pod, token: str) -> None:
    """Gold customers sign in until the database has no slot left for the shop."""

    def refused() -> bool | None:
        sign_in(pod, per_s=25, for_s=1)
        return pod.call("GET", "/orders", token=token).json() == {"error": "database"} or None

    until(refused, what="the database refuses the shop", timeout_s=180)


def end_sessions(postgres: Postgres) -> None:
    """End what the application holds."""
    postgres.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'shop-api'"
    )


@pytest.mark.turn("heal")
def test_slots_run_out_and_killing_sessions_alone_does_not_last(start: Start, postgres: Postgres) -> None:
    pod = start()
    token = pod.token(1)
    fill(pod, token)
    assert served(sign_in_and_look_back(pod, token, per_s=10, for_s=3)) < 0.1
    assert REFUSAL in pod.running.log()
    assert pod.call("GET", "/products/1").status_code == 200
    end_sessions(postgres)
    answers = sign_in_and_look_back(pod, token, per_s=5, for_s=3)
    assert served(answers) > 0.5, by_status(answers)
    fill(pod, token)
    assert served(sign_in_and_look_back(pod, token, per_s=10, for_s=2)) < 0.1


@pytest.mark.turn("heal")
def test_an_idle_timeout_with_pre_ping_heals(start: Start, postgres: Postgres) -> None:
    postgres.run("ALTER ROLE shop SET idle_session_timeout = '3s'")
    pod = start(DB_POOL_PRE_PING="1")
    answers = sign_in_and_look_back(pod, pod.token(1), per_s=5, for_s=16)
    assert served(answers) >= 0.99, (by_status(answers), pod.running.log())
    leaked = by_status(answers)["login", 200]
    assert postgres.value(SESSIONS) <= 0.6 * leaked, "without the time-out each would still have one"
    until(
        lambda: postgres.value(SESSIONS) == 0 or None, what="all that were left idle are over", timeout_s=60
    )
    assert pod.login(3).status_code == 200


@pytest.mark.turn("heal")
def test_a_bounded_pool_moves_the_outage_into_the_api(start: Start, postgres: Postgres) -> None:
    pod = start(DB_MAX_OVERFLOW="10")
    token = pod.token(1)
    sign_in(pod, per_s=20, for_s=2)
    assert served(sign_in_and_look_back(pod, token, per_s=5, for_s=3)) < 0.1
    assert postgres.value(SESSIONS) == 15
    assert pod.metric('shop_db_errors_total{database="orders",kind="pool_timeout"}') > 0
    assert "QueuePool limit of size 5 overflow 10 reached" in pod.running.log()
    end_sessions(postgres)  # the pool never hears of it
    time.sleep(1)
    assert served(sign_in(pod, per_s=2, for_s=3)) == 0
