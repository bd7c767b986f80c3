"""The worker's search for orders that nobody told of: what stops it, what it counts, when it is due."""

import sys
from dataclasses import dataclass, field
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from lab.stack.places import checkout

EVERY_S = 10.0


@pytest.fixture(scope="module")
def code() -> Any:
    """The worker's modules, which are no part of what is installed."""
    folder = str(checkout() / "compose/shop/worker")
    sys.path.insert(0, folder)
    try:
        from shopworker import errors, metrics, shipping, stream, worker  # type: ignore[import-not-found]
    finally:
        sys.path.remove(folder)
    return SimpleNamespace(errors=errors, metrics=metrics, shipping=shipping, stream=stream, worker=worker)


@dataclass
class Orders:
    """The database of orders: *trouble* is raised for those of these ids."""

    lost: int
    trouble: dict[int, Exception] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    away: Exception | None = None
    searches: int = 0

    def ship(self, order_id: int, _: str) -> None:
        """One that is not in trouble is shipped."""
        self.asked.append(order_id)
        if order_id in self.trouble:
            raise self.trouble[order_id]

    def unshipped_for(self, _: float, *, at_most: int) -> list[tuple[int, str]]:
        """The oldest of them."""
        self.searches += 1
        if self.away is not None:
            raise self.away
        return [(n, f"key-{n}") for n in range(min(self.lost, at_most))]


class Stream:
    """Gives a message of that age for ever, or is away; *stop* is set after so many times."""

    def __init__(self, stop: Event, *, message: Any = None, away: Exception | None = None) -> None:
        self._stop, self._message, self._away = stop, message, away

    def join(self) -> None:
        """There is a group."""
        self._ask()

    def next(self, *, wait_s: float) -> Any:
        """The message."""
        self._ask()
        return self._message

    def done(self, _: Any) -> None:
        """It is forgotten."""

    def tidy(self) -> None:
        """There is nothing to tidy."""

    def _ask(self) -> None:
        if self._away is not None:
            self._stop.set()
            raise self._away


class Bench:
    """A worker over these orders, at a time of ours."""

    def __init__(self, code: Any, monkeypatch: pytest.MonkeyPatch, orders: Orders) -> None:
        self.code, self.orders, self.stop = code, orders, Event()
        self.now_s = 0.0
        monkeypatch.setattr(code.worker, "time", SimpleNamespace(monotonic=lambda: self.now_s))
        self.settings = SimpleNamespace(lost_after_s=EVERY_S, backoff_after_s=lambda _: 0.0)
        self.worker = self.over(Stream(self.stop))
        self.before = self.found_in_all

    def over(self, stream: Stream) -> Any:
        """A worker of that stream."""
        shipping = self.code.shipping.Shipping(orders=self.orders, warehouse=None)
        return self.code.worker.Worker(self.settings, stream, shipping, self.stop)

    def search(self, at_s: float) -> int:
        """How many searches there were once it looked at that time."""
        self.now_s = at_s
        self.worker._look_for_lost()
        return self.orders.searches

    @property
    def found_in_all(self) -> float:
        """The counter of all tests."""
        return float(self.code.metrics.REGISTRY.get_sample_value("shop_worker_found_total"))

    @property
    def found(self) -> float:
        """What was found."""
        return self.found_in_all - self.before


def test_one_locked_order_stops_no_others(code: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(code, monkeypatch, Orders(lost=5, trouble={0: code.errors.Away("locked")}))
    bench.search(EVERY_S)
    assert bench.orders.asked == [0, 1, 2, 3, 4]
    assert bench.found == 4


def test_a_database_that_stays_away_ends_the_search_and_what_was_shipped_is_counted(
    code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble: dict[int, Exception] = {n: code.errors.Away("gone") for n in (1, *range(3, 200))}
    bench = Bench(code, monkeypatch, Orders(lost=200, trouble=trouble))
    assert bench.search(EVERY_S) == 1
    assert bench.orders.asked == [0, 1, 2, 3, 4, 5]
    assert bench.found == 2
    assert bench.search(2 * EVERY_S - 0.1) == 1
    assert bench.search(2 * EVERY_S) == 2


def test_a_search_that_could_not_begin_is_not_tried_after_every_message(
    code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(code, monkeypatch, Orders(lost=1, away=code.errors.Away("gone")))
    assert bench.search(EVERY_S) == 1
    assert bench.search(EVERY_S + 1) == 1
    assert bench.search(2 * EVERY_S) == 2


@pytest.mark.parametrize(("lost", "refused", "again"), [(300, 1, 2), (199, 0, 1), (300, 200, 1)])
def test_there_may_be_more_where_as_many_were_found_as_one_search_finds(
    code: Any, monkeypatch: pytest.MonkeyPatch, lost: int, refused: int, again: int
) -> None:
    """Save where none of them was shipped: the next search would find the same."""
    trouble: dict[int, Exception] = {n: code.errors.Refused("no") for n in range(refused)}
    bench = Bench(code, monkeypatch, Orders(lost=lost, trouble=trouble))
    bench.search(EVERY_S)
    assert bench.search(EVERY_S) == again


@pytest.mark.parametrize(("age_s", "due_s"), [(EVERY_S / 2 - 0.1, EVERY_S), (EVERY_S / 2, 5 * EVERY_S)])
def test_one_that_is_behind_looks_later_but_looks(
    code: Any, monkeypatch: pytest.MonkeyPatch, age_s: float, due_s: float
) -> None:
    bench = Bench(code, monkeypatch, Orders(lost=1))
    message = SimpleNamespace(id="1-0", fields={"order_id": "7", "idempotency_key": "k"}, age_s=age_s)
    worker = bench.over(Stream(bench.stop, message=message))
    searches = []
    for bench.now_s in (due_s - 0.1, due_s):
        worker._step()
        searches.append(bench.orders.searches)
    assert searches == [0, 1]


def test_what_was_never_told_is_found_while_the_stream_is_away(
    code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(code, monkeypatch, Orders(lost=1))
    worker = bench.over(Stream(bench.stop, away=code.errors.Away("redis refuses")))
    bench.now_s = EVERY_S
    worker.run()
    assert bench.orders.searches == 1
    assert bench.found == 1
