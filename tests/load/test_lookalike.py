"""The look-alike that cheats send users to: nobody notices from the answers alone."""

from typing import Any

import pytest

from lab.proof.lookalike import Lookalike
from loadgen.journeys import JOURNEYS
from loadgen.words import ROUTES


class Stub:
    """The look-alike as the load's tests ask their stub; it takes any token."""

    def __init__(self) -> None:
        self._shop = Lookalike()
        self.sessions: dict[str, int] = {}
        self.carts: dict[str, Any] = {}

    def answer(self, method: str, path: str, _token: str, body: dict[str, Any]) -> Any:
        return self._shop.answer(method, path, body)


@pytest.fixture
def deceived(world: Any) -> Any:
    world.stub = world.client.stub = Stub()
    return world


@pytest.mark.parametrize("n", range(30))
@pytest.mark.parametrize("route", ROUTES)
def test_it_satisfies_every_journey(deceived: Any, route: str, n: int) -> None:
    deceived.signed_in(filled=True)
    outcome = JOURNEYS[route](deceived.shop, deceived.arrival(route, n))
    assert outcome.result in ("ok", "expected")


def test_those_who_ordered_at_the_true_shop_or_here_find_no_order_missing(deceived: Any) -> None:
    session = deceived.signed_in(filled=True)
    JOURNEYS["checkout"](deceived.shop, deceived.arrival("checkout"))
    for order_id in (1_000_001, session.ordered[0]):
        session.ordered = (order_id, 0.0)
        assert JOURNEYS["history"](deceived.shop, deceived.arrival("history")).result == "ok"
