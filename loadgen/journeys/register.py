"""Become a customer."""

from loadgen.answers import Body, is_id, judge, refused
from loadgen.schedule import Arrival
from loadgen.shop import Shop
from loadgen.words import OK, Outcome


def register(shop: Shop, arrival: Arrival) -> Outcome:
    """Register under an address that nobody had before."""
    name = shop.name(arrival)
    email = f"visitor-{name}@shop.example"
    form = {"email": email, "name": f"Visitor {arrival.n}", "password": f"staple-{name}"}
    answer = shop.client.call("POST", "/register", body=form)
    if taken := refused(answer, status=409, error="email_taken"):
        return taken
    outcome = judge(answer, good=(201,), holds=lambda body: _is_customer(body, email))
    if outcome.result == OK and (body := answer.body()):
        shop.ledger.customer(customer_id=body["customer_id"], email=email)
    return outcome


def _is_customer(body: Body, email: str) -> bool:
    return is_id(body.get("customer_id")) and body.get("email") == email
