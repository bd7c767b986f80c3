"""Customers who fill carts and check out."""

import hashlib
import uuid
from collections.abc import Mapping

import httpx

from tests.shop.stack import Pod


def key_that(*, declined: bool) -> str:
    """An idempotency key on which the provider decides so; its second charge would be accepted."""
    while True:
        key = uuid.uuid4().hex
        if _declined(key) == declined and not _declined(f"{key}.2"):
            return key


def _declined(key: str) -> bool:
    """Whether a charge's digest is among the first 2%."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64 < 0.02


def shopping(pod: Pod, customer_id: int, cart: Mapping[int, int]) -> str:
    """The token of a customer with these quantities, by product id, in the cart."""
    token = pod.token(customer_id)
    fill(pod, token, cart)
    return token


def fill(pod: Pod, token: str, cart: Mapping[int, int]) -> None:
    """Put these quantities in the cart."""
    for product_id, quantity in cart.items():
        body = {"product_id": product_id, "quantity": quantity}
        pod.call("POST", "/cart/items", token=token, json=body).raise_for_status()


def checkout(pod: Pod, token: str, key: str) -> httpx.Response:
    """Buy what is in the cart."""
    return pod.call("POST", "/checkout", token=token, json={"idempotency_key": key})
