"""Put something into the cart, or look at it."""

from loadgen.answers import Answer, Body, is_amount, is_id, judge, objects
from loadgen.catalogue import popular_product
from loadgen.schedule import Arrival
from loadgen.sessions import Session
from loadgen.shop import Shop
from loadgen.words import OK, Outcome

_LOOKS_RATIO = 0.1
"""Few only look: what is put in must keep up with what is checked out, and that is 14 arrivals against 17."""


def cart(shop: Shop, arrival: Arrival) -> Outcome:
    """Fill an empty cart, now and then only look at one."""
    dice = arrival.dice()
    if dice.random() < _LOOKS_RATIO:
        with shop.sessions.any() as session:
            answer = shop.client.call("GET", "/cart", token=session.token)
            return noticed(session, answer, judge(answer, good=(200,), holds=_is_cart))
    with shop.sessions.with_empty_cart() as session:
        return fill(shop, session, popular_product(dice), 1 + int(dice.random() ** 3 * 3))


def fill(shop: Shop, session: Session, product: int, quantity: int) -> Outcome:
    """Put *quantity* of a product into this session's cart."""
    wish = {"product_id": product, "quantity": quantity}
    answer = shop.client.call("POST", "/cart/items", token=session.token, body=wish)
    outcome = judge(answer, good=(200,), holds=lambda body: _has(body, product))
    session.filled = not session.doubted and (session.filled or outcome.result == OK)
    return noticed(session, answer, outcome)


def noticed(session: Session, answer: Answer, outcome: Outcome) -> Outcome:
    """Give the session up where the shop does not know it any more."""
    session.lost = session.lost or answer.status == 401
    return outcome


def _is_cart(body: Body) -> bool:
    items = objects(body, "items")
    return (
        items is not None and is_amount(body.get("count")) and all(is_id(i.get("product_id")) for i in items)
    )


def _has(body: Body, product: int) -> bool:
    return _is_cart(body) and body["count"] >= 1 and any(i["product_id"] == product for i in body["items"])
