"""Each journey: what counts as good, as expected, as wrong, and what enters the ledger."""

from dataclasses import replace
from typing import Any

import pytest

from loadgen.errors import Unanswered
from loadgen.journeys import JOURNEYS
from loadgen.sessions import NoSession
from loadgen.words import ROUTES, Outcome

GOOD = {"browse": 200, "register": 201, "login": 200, "cart": 200, "checkout": 201, "history": 200}


def _go(world: Any, route: str, n: int = 0, **options: float) -> Outcome:
    return JOURNEYS[route](world.shop, world.arrival(route, n, **options))


def test_every_route_has_a_journey() -> None:
    """The mix and the journeys name the same routes."""
    assert set(JOURNEYS) == set(ROUTES) == set(GOOD)


@pytest.mark.parametrize("n", range(30))
@pytest.mark.parametrize("route", ROUTES)
def test_a_sound_shop_satisfies_every_journey(world: Any, route: str, n: int) -> None:
    """What the contract says is good is good, whichever page, product or customer."""
    world.signed_in(filled=True)
    outcome = _go(world, route, n)
    assert outcome in (Outcome(result="ok", status=GOOD[route]), Outcome(result="expected", status=401))


def _without(name: str) -> Any:
    return lambda status, body: (status, {k: v for k, v in body.items() if k != name})


def _with(**fields: object) -> Any:
    return lambda status, body: (status, {**body, **fields})


LIES = [
    *[(route, lambda status, _: (status, {})) for route in ROUTES],
    *[(route, lambda status, _: (status, [])) for route in ROUTES],
    *[(route, lambda status, _: (status, b"<html>all is well</html>")) for route in ROUTES],
    *[(route, lambda status, _: (status, b"[" * 100_000)) for route in ROUTES],
    *[(route, lambda _, body: (204, body)) for route in ROUTES],
    *[(route, lambda _, body: (302, body)) for route in ROUTES],
    ("browse", _with(products=[], page=1, id=0)),
    ("browse", _with(page=-1, id=-1)),
    ("browse", _with(products=[{"id": 1, "name": "x", "price_cents": "1"}], price_cents="1")),
    ("browse", _with(products=[{"id": 1, "name": "x", "price_cents": 1}] * 2, stock=None)),
    ("register", _with(email="somebody@else.example")),
    ("register", _with(customer_id="7")),
    ("register", _without("customer_id")),
    ("login", _with(customer_id=1)),
    ("login", _with(token="")),
    ("login", _with(tier="platinum")),
    ("cart", _with(count="1")),
    ("cart", _with(count=0, items=[{"product_id": True}])),
    ("cart", _with(items=[{"product_id": 0}])),
    ("checkout", _with(idempotency_key="another")),
    ("checkout", _with(order_id=True)),
    ("checkout", _with(total_cents=0)),
    ("checkout", _with(total_cents=None)),
    ("checkout", _without("payment_id")),
    ("checkout", _with(left=[3, 5])),
    ("checkout", _with(left={"3": "5"})),
    ("checkout", _with(left={"three": 5})),
    ("history", _with(orders=[{"order_id": 1, "total_cents": 1}])),
    ("history", _with(orders=[{"order_id": i, "total_cents": 1, "created_at": f"{i}"} for i in (1, 2)])),
    ("history", _with(orders=[{"order_id": 1, "total_cents": 1, "created_at": "1"}] * 21)),
]


@pytest.mark.parametrize(("route", "lie"), LIES)
def test_a_good_status_with_another_body_is_wrong(world: Any, route: str, lie: Any) -> None:
    """A balancer that answers 200 to everything serves nobody, and nothing of it enters the ledger."""
    world.signed_in(filled=True)
    world.client.twist = lie
    assert _go(world, route, 2).result == "wrong"
    assert world.ledger() == []


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("status", "result"), [(500, "http_5xx"), (503, "http_5xx"), (404, "http_4xx"), (429, "http_4xx")]
)
def test_error_statuses_are_bad_whatever_the_body(world: Any, route: str, status: int, result: str) -> None:
    """An error is an error."""
    world.signed_in(filled=True)
    world.client.twist = lambda _, body: (status, body)
    assert _go(world, route) == Outcome(result=result, status=status)
    assert world.ledger() == []


def test_the_ledger_holds_what_was_acknowledged(world: Any) -> None:
    """An order and a customer, as the shop said them."""
    world.signed_in(filled=True)
    _go(world, "checkout", 4)
    _go(world, "register", 5)
    order, customer = world.ledger()
    assert order == {
        "t": 1000.0,
        "kind": "order",
        "order_id": 1_000_001,
        "idempotency_key": "key-b-4",
        "customer_id": 7,
        "total_cents": 103,
        "payment_id": 1,
    }
    assert customer["kind"] == "customer"
    assert customer["email"] == world.stub.customers[0] == "visitor-b-5@shop.example"


def test_no_two_arrivals_have_one_name(world: Any) -> None:
    """Of the main stream, of a burst, and of the same burst when it comes again."""
    main = world.arrival("checkout", 4)
    burst = replace(main, burst="replay", begun=1000.5)
    names = {world.shop.name(arrival) for arrival in (main, burst, replace(burst, begun=1060.5))}
    assert len(names) == 3


@pytest.mark.parametrize("failure", ["timeout", "conn"])
def test_an_unanswered_checkout_is_acknowledged_to_nobody(world: Any, failure: str) -> None:
    """Nothing in the ledger; the user is still signed in, the cart is not counted on."""
    session = world.signed_in(filled=True)
    world.client.fail = failure
    with pytest.raises(Unanswered) as caught:
        _go(world, "checkout")
    assert caught.value.result == failure
    assert world.ledger() == []
    assert len(world.shop.sessions) == 1
    assert not session.filled


def test_a_checkout_that_comes_through_late_does_not_fail_the_next(world: Any) -> None:
    """It empties the cart after it was filled again: such a cart is filled right before it is checked out."""
    world.signed_in(filled=True)
    world.client.fail = "timeout"
    with pytest.raises(Unanswered):
        _go(world, "checkout", 1)
    world.client.fail = ""
    assert _go(world, "cart", 2).result == "ok"
    world.stub.carts["t"] = []  # the late one
    assert _go(world, "checkout", 3) == Outcome(result="ok", status=201)


def test_a_declined_card_is_expected_and_the_cart_filled_again(world: Any) -> None:
    """Apart from good and bad, not in the ledger, and the next cart arrival goes to that cart."""
    session = world.signed_in(filled=True)
    world.client.twist = lambda *_: (402, {"error": "declined"})
    assert _go(world, "checkout") == Outcome(result="expected", status=402)
    assert world.ledger() == []
    world.client.twist = None
    assert not session.filled
    assert _go(world, "cart", 2).result == "ok"
    assert session.filled


def test_a_refusal_for_another_reason_is_not_expected(world: Any) -> None:
    """402 must say declined."""
    world.signed_in(filled=True)
    world.client.twist = lambda *_: (402, {"error": "maintenance"})
    assert _go(world, "checkout") == Outcome(result="http_4xx", status=402)


def test_a_checkout_fills_the_cart_first_where_all_are_empty(world: Any) -> None:
    """More checkouts than carts must not become failures of ours."""
    world.signed_in(filled=False)
    assert _go(world, "checkout") == Outcome(result="ok", status=201)


@pytest.mark.parametrize("route", ["cart", "checkout", "history"])
def test_a_session_that_the_shop_forgot_is_bad_and_given_up(world: Any, route: str) -> None:
    """401 is bad; only a login brings a new session."""
    world.signed_in(filled=True)
    world.stub.sessions.clear()
    assert _go(world, route) == Outcome(result="http_4xx", status=401)
    with pytest.raises(NoSession):
        _go(world, route)
    assert _go(world, "login").result == "ok"
    assert _go(world, route).result == "ok"


def _mistyped(world: Any) -> int:
    world.client.twist = None
    return next(n for n in range(1000) if _go(world, "login", n).result == "expected")


def test_a_wrong_password_is_expected_only_when_it_was_wrong(world: Any) -> None:
    """The shop that refuses the right one is bad, the shop that takes the wrong one is wrong."""
    n = _mistyped(world)
    world.client.twist = lambda *_: (401, {"error": "wrong_password"})
    assert _go(world, "login", 0).result == "http_4xx"
    assert _go(world, "login", n).result == "expected"
    world.client.twist = lambda *_: (200, {"token": "t", "customer_id": 1, "tier": "gold"})
    assert _go(world, "login", n).result == "wrong"
    world.client.twist = lambda *_: (503, {"error": "busy"})
    assert _go(world, "login", n) == Outcome(result="http_5xx", status=503)


def test_two_in_a_hundred_mistype(world: Any) -> None:
    """About 2% of logins."""
    results = [_go(world, "login", n).result for n in range(2000)]
    assert 20 <= results.count("expected") <= 60
    assert set(results) == {"ok", "expected"}


@pytest.mark.parametrize(("ratio", "golds"), [(0.0, 0), (0.3, 300), (1.0, 1000), (7.0, 1000)])
def test_the_share_of_gold_customers_is_the_plans(world: Any, ratio: float, golds: int) -> None:
    """gold_ratio is kept exactly, among all logins; more than all is all."""
    for n in range(1000):
        _go(world, "login", n, gold_ratio=ratio)
    mistyped = world.stub.counts["POST /login"] - len(world.stub.sessions)
    assert golds - mistyped <= world.stub.golds <= golds


def test_what_is_popular_is_looked_at_more(world: Any) -> None:
    """A tenth of the products gets about half of the visits, and all are in the catalogue."""
    from loadgen.catalogue import PAGES, PRODUCTS, popular_page, popular_product

    dice = world.arrival("browse").dice()
    products = [popular_product(dice) for _ in range(5000)]
    assert 0.4 < sum(p <= PRODUCTS // 10 for p in products) / 5000 < 0.6
    assert set(products) <= set(range(1, PRODUCTS + 1))
    assert {popular_page(dice) for _ in range(2000)} == set(range(1, PAGES + 1))
