"""Buy what is in the cart."""

import time

from loadgen.answers import Body, is_amount, is_id, is_text, judge, refused
from loadgen.catalogue import popular_product
from loadgen.errors import Unanswered
from loadgen.journeys.cart import fill, noticed
from loadgen.schedule import Arrival
from loadgen.sessions import Session
from loadgen.shop import Shop
from loadgen.words import OK, Outcome


def checkout(shop: Shop, arrival: Arrival) -> Outcome:
    """Check out a filled cart, filling it first where all carts are empty or in doubt."""
    with shop.sessions.with_filled_cart() as session:
        if not session.filled:
            filling = fill(shop, session, popular_product(arrival.dice()), 1)
            if filling.result != OK:
                return filling
        # Whatever comes of it, the cart is to be filled before the next checkout.
        session.filled = False
        try:
            return _buy(shop, session, f"key-{shop.name(arrival)}")
        except Unanswered:
            session.doubted = True
            raise


def _buy(shop: Shop, session: Session, key: str) -> Outcome:
    answer = shop.client.call("POST", "/checkout", token=session.token, body={"idempotency_key": key})
    if declined := refused(answer, status=402, error="declined"):
        return declined
    outcome = judge(answer, good=(200, 201), holds=lambda body: _is_order(body, key))
    if outcome.result == OK and (order := answer.body()):
        shop.shelves.sold({int(product): n for product, n in order.get("left", {}).items()})
        session.ordered = (order["order_id"], time.monotonic())
        shop.ledger.order(
            order_id=order["order_id"],
            idempotency_key=key,
            customer_id=session.customer_id,
            total_cents=order["total_cents"],
            payment_id=order["payment_id"],
        )
    return noticed(session, answer, outcome)


def _is_order(body: Body, key: str) -> bool:
    paid = body.get("payment_id")
    return (
        body.get("idempotency_key") == key
        and is_id(body.get("order_id"))
        and is_amount(body.get("total_cents"))
        and body["total_cents"] > 0
        and (is_id(paid) or is_text(paid))
        and _is_left(body.get("left", {}))
    )


def _is_left(left: object) -> bool:
    """Whether this can be what is left of the products that were bought; not every shop tells."""
    return isinstance(left, dict) and all(product.isdecimal() and is_amount(n) for product, n in left.items())
