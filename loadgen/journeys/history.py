"""Look at one's own orders."""

import time
from itertools import pairwise

from loadgen.answers import Body, is_amount, is_id, judge, objects
from loadgen.journeys.cart import noticed
from loadgen.schedule import Arrival
from loadgen.sessions import Session
from loadgen.shop import Shop
from loadgen.words import Outcome

_MOST = 20
_PATIENCE_S = 5.0
"""A customer who has just ordered looks again before calling; after this long the order has to be there."""


def history(shop: Shop, _: Arrival) -> Outcome:
    """Look at the orders of somebody who is signed in; what they ordered a while ago must be among them."""
    with shop.sessions.any() as session:
        wanted = _settled(session)
        answer = shop.client.call("GET", "/orders", token=session.token)
        outcome = judge(answer, good=(200,), holds=lambda body: _is_history(body) and _shows(body, wanted))
        return noticed(session, answer, outcome)


def _settled(session: Session) -> int | None:
    """The newest order, if it was acknowledged long enough ago."""
    if session.ordered is None or time.monotonic() - session.ordered[1] < _PATIENCE_S:
        return None
    return session.ordered[0]


def _shows(body: Body, wanted: int | None) -> bool:
    """Whether the order is there, or is older than all that fits on the page."""
    ids = [order["order_id"] for order in body["orders"]]
    return wanted is None or wanted in ids or (len(ids) == _MOST and wanted < min(ids))


def _is_history(body: Body) -> bool:
    orders = objects(body, "orders")
    if orders is None or len(orders) > _MOST or not all(_is_order(o) for o in orders):
        return False
    return all(newer["order_id"] > older["order_id"] for newer, older in pairwise(orders))


def _is_order(order: Body) -> bool:
    return (
        is_id(order.get("order_id"))
        and is_amount(order.get("total_cents"))
        and isinstance(order.get("created_at"), str | int | float)
    )
