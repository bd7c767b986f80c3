"""What was sold has to be seen: a product must not show more than its buyers were told was left."""

import dataclasses
from typing import Any

import pytest

from loadgen.journeys import JOURNEYS
from loadgen.shelves import PATIENCE_S, SLACK, Shelves
from loadgen.words import Outcome

PRODUCT = 3  # what the world's cart holds


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelves(clock: Clock) -> Shelves:
    return Shelves(clock=clock)


def test_of_what_nobody_has_bought_nothing_is_known(shelves: Shelves) -> None:
    shelves.sold({7: 40})
    assert shelves.at_most(8) is None


def test_a_purchase_counts_once_it_is_old_enough(shelves: Shelves, clock: Clock) -> None:
    shelves.sold({7: 40, 8: 50})
    clock.now += PATIENCE_S - 0.01
    assert shelves.at_most(7) is None
    clock.now += 0.01
    assert (shelves.at_most(7), shelves.at_most(8)) == (40 + SLACK, 50 + SLACK)


def test_of_many_the_newest_that_is_old_enough_counts(shelves: Shelves, clock: Clock) -> None:
    """What is bought all the time would never be looked at closely if only the newest counted."""
    for left in range(40, 20, -1):
        shelves.sold({7: left})
        clock.now += 1.0
    assert shelves.at_most(7) == 25 + SLACK
    clock.now += 60.0
    assert shelves.at_most(7) == 21 + SLACK


def test_what_is_never_looked_at_takes_no_room(shelves: Shelves, clock: Clock) -> None:
    for left in range(1000, 0, -1):
        shelves.sold({7: left})
        clock.now += 1.0
    assert len(shelves._said[7]) <= PATIENCE_S + 2


@pytest.fixture
def counting(world: Any, shelves: Shelves) -> Any:
    """A shop that tells its buyers what is left: 20 after each purchase."""
    world.shop = dataclasses.replace(world.shop, shelves=shelves)
    world.client.twist = lambda status, body: (status, {**body, "left": {str(PRODUCT): 20}})
    world.signed_in(filled=True)
    assert JOURNEYS["checkout"](world.shop, world.arrival("checkout", 2)) == Outcome(result="ok", status=201)
    return world


def _look(world: Any, stock: object) -> str:
    """The outcome of a look at the product when that many are shown of it."""
    looks = (world.arrival("browse", n) for n in range(10_000))
    paths: list[str] = []
    call = world.client.call

    def noting(method: str, path: str, **more: Any) -> Any:
        paths.append(path)
        return call(method, path, **more)

    world.client.twist = lambda status, body: (status, {**body, "stock": stock})
    world.shop = dataclasses.replace(world.shop, client=type("Client", (), {"call": staticmethod(noting)})())
    for arrival in looks:
        outcome = JOURNEYS["browse"](world.shop, arrival)
        if paths[-1] == f"/products/{PRODUCT}":
            return str(outcome.result)
    raise AssertionError("nobody looked at it")


@pytest.mark.parametrize(
    ("after_s", "stock", "result"),
    [
        (PATIENCE_S - 1, 40, "ok"),
        (PATIENCE_S, 20 + SLACK, "ok"),
        (PATIENCE_S, 20 + SLACK + 1, "wrong"),
        (PATIENCE_S, 5, "ok"),
        (PATIENCE_S, None, "wrong"),
    ],
)
def test_a_look_must_not_show_what_was_sold(
    counting: Any, clock: Clock, after_s: float, stock: object, result: str
) -> None:
    """At once it may; less may always be there, for others buy too."""
    clock.now += after_s
    assert _look(counting, stock) == result


def test_where_receipts_say_nothing_any_stock_is_believed(world: Any) -> None:
    world.signed_in(filled=True)
    assert JOURNEYS["checkout"](world.shop, world.arrival("checkout", 2)).result == "ok"
    assert _look(world, 10**6) == "ok"
