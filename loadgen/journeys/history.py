"""Look at one's own orders."""

from itertools import pairwise

from loadgen.answers import Body, is_amount, is_id, judge, objects
from loadgen.journeys.cart import noticed
from loadgen.schedule import Arrival
from loadgen.shop import Shop
from loadgen.words import Outcome

_MOST = 20


def history(shop: Shop, _: Arrival) -> Outcome:
    """Look at the orders of somebody who is signed in."""
    with shop.sessions.any() as session:
        answer = shop.client.call("GET", "/orders", token=session.token)
        return noticed(session, answer, judge(answer, good=(200,), holds=_is_history))


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
