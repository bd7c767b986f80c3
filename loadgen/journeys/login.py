"""Sign in. Every session that the other journeys use comes from here."""

from loadgen.answers import Body, is_text, judge, refused
from loadgen.customers import email, password, pick
from loadgen.dice import crosses
from loadgen.schedule import Arrival
from loadgen.sessions import Session
from loadgen.shop import Shop
from loadgen.words import OK, WRONG, Outcome

GOLD_RATIO = 0.3
_WRONG_PASSWORD_RATIO = 0.02


def login(shop: Shop, arrival: Arrival) -> Outcome:
    """Sign in as a customer of the tier that is due; now and then with a wrong password."""
    dice = arrival.dice()
    gold = crosses(arrival.nth, arrival.options.get("gold_ratio", GOLD_RATIO))
    customer_id = pick(dice, gold=gold, customers=shop.customers)
    if dice.random() < _WRONG_PASSWORD_RATIO:
        return _mistype(shop, customer_id)
    return sign_in(shop, customer_id)


def sign_in(shop: Shop, customer_id: int) -> Outcome:
    """Sign in, and put the session into the pool."""
    attempt = {"email": email(customer_id), "password": password(customer_id)}
    answer = shop.client.call("POST", "/login", body=attempt)
    outcome = judge(answer, good=(200,), holds=lambda body: _is_session(body, customer_id))
    if outcome.result == OK and (body := answer.body()):
        shop.sessions.add(Session(token=body["token"], customer_id=customer_id))
    return outcome


def _mistype(shop: Shop, customer_id: int) -> Outcome:
    attempt = {"email": email(customer_id), "password": "not-" + password(customer_id)}
    answer = shop.client.call("POST", "/login", body=attempt)
    if expected := refused(answer, status=401, error="wrong_password"):
        return expected
    if answer.status == 200:  # anybody gets in
        return Outcome(result=WRONG, status=200)
    return judge(answer, good=(), holds=lambda _: False)


def _is_session(body: Body, customer_id: int) -> bool:
    return (
        is_text(body.get("token"))
        and body.get("customer_id") == customer_id
        and body.get("tier") in ("gold", "standard")
    )
