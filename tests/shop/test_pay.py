"""The payment provider charges a key once, and declines the same keys every time."""

import time

import httpx
import pytest

from tests.shop.servers import Running
from tests.shop.stack import Stack, http

pytestmark = pytest.mark.docker

LATENCY_MS = 300


def charge(pay: Running, key: str, amount_cents: int = 100) -> httpx.Response:
    """Ask for a charge."""
    body = {"key": key, "amount_cents": amount_cents}
    with http() as client:
        return client.post(f"http://127.0.0.1:{pay.port}/charges", json=body)


def test_a_key_is_charged_once(pay: Running) -> None:
    first, again = charge(pay, "once"), charge(pay, "once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    shown = httpx.get(f"http://127.0.0.1:{pay.port}/charges/once", trust_env=False)
    assert shown.json() == first.json()


def test_no_charge_and_no_refund_is_answered_before_its_latency(stack: Stack) -> None:
    slow = stack.pay(PAY_LATENCY_MS=f"{LATENCY_MS}-{LATENCY_MS + 1}")
    for path in ("charges", "refunds"):
        began_s = time.monotonic()
        with http() as client:
            body = {"key": "slow", "amount_cents": 100}
            answer = client.post(f"http://127.0.0.1:{slow.port}/{path}", json=body)
        assert answer.is_success
        assert time.monotonic() - began_s >= LATENCY_MS / 1000


def test_a_key_with_another_amount_is_refused(pay: Running) -> None:
    charge(pay, "amount")
    assert charge(pay, "amount", 101).status_code == 409


def test_two_in_a_hundred_are_declined_and_stay_so(pay: Running) -> None:
    keys = [f"key-{n}" for n in range(1000)]
    with http() as client:
        url = f"http://127.0.0.1:{pay.port}/charges"
        answers = {key: client.post(url, json={"key": key, "amount_cents": 100}) for key in keys}
    declined = [key for key, answer in answers.items() if answer.status_code == 402]
    assert 10 <= len(declined) <= 35
    assert {charge(pay, key).status_code for key in declined} == {402}


def test_a_refusal_is_remembered_and_told_as_one(pay: Running) -> None:
    """Whoever asks afterwards what became of a declined charge hears that it was, and of no amount."""
    key = next(key for key in (f"refused-{n}" for n in range(2000)) if charge(pay, key).status_code == 402)
    shown = httpx.get(f"http://127.0.0.1:{pay.port}/charges/{key}", trust_env=False)
    assert (shown.status_code, shown.json()) == (402, {"error": "declined"})
    assert charge(pay, key, 101).status_code == 409


def test_an_unknown_charge_is_404(pay: Running) -> None:
    answer = httpx.get(f"http://127.0.0.1:{pay.port}/charges/nothing", trust_env=False)
    assert answer.status_code == 404


def test_a_senseless_charge_is_400(pay: Running) -> None:
    answer = httpx.post(f"http://127.0.0.1:{pay.port}/charges", content=b"?", trust_env=False)
    assert answer.status_code == 400
