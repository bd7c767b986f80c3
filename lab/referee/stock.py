"""The ledger's other half: what the warehouse says was taken for the orders that were acknowledged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from faults.errors import FaultError
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.ledger import BATCH, MAX_EXAMPLES, cut, entries

TAKEN = (
    "SELECT order_key, product_id, -SUM(delta) FROM stock_movements WHERE order_key IS NOT NULL"
    " GROUP BY order_key, product_id HAVING SUM(delta) <> 0"
)
UNBALANCED = (
    "SELECT s.product_id, s.on_hand, COALESCE(m.moved, 0) FROM stock s"
    " LEFT JOIN (SELECT product_id, SUM(delta) AS moved FROM stock_movements GROUP BY product_id) m"
    " ON m.product_id = s.product_id WHERE s.on_hand <> COALESCE(m.moved, 0)"
)
LEFT_TWICE = (
    "SELECT s.product_id, s.reserved, o.held FROM stock s"
    " JOIN (SELECT m.product_id, -SUM(m.delta) AS held FROM stock_movements m"
    " JOIN reservations r ON r.order_key = m.order_key AND r.state = 'reserved' GROUP BY m.product_id) o"
    " ON o.product_id = s.product_id WHERE s.reserved < o.held"
)
_LINES = "select order_id, product_id, sum(quantity) from order_lines where order_id = any(%s) group by 1, 2"

Lines = Mapping[int, int]
"""Quantities by product id."""
Rows: TypeAlias = Sequence[tuple[str, ...]]


class Warehouse(Protocol):
    """Answers one query, each value as text."""

    def rows(self, statement: str, /) -> list[tuple[str, ...]]: ...


@dataclass
class StockTaking:
    """How orders and stock compare: *stock_wrong* orders whose stock was not taken as ordered,
    *stock_unbalanced* products whose stock is not the sum of their movements, and *stock_left_twice* products
    of which less is reserved than open reservations hold: an order was fulfilled more than once.
    """

    stock_checked: int = 0
    stock_wrong: int = 0
    stock_unbalanced: int = 0
    stock_left_twice: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, order_id: int, ordered: Lines, taken: Lines) -> None:
        """Judge one order."""
        self.stock_checked += 1
        if ordered != taken:
            self.stock_wrong += 1
            self._example(f"order {order_id}: ordered {dict(ordered)}, taken from stock {dict(taken)}")

    def add_unbalanced(self, product: str, on_hand: str, moved: str) -> None:
        """Count a product whose stock nobody can explain."""
        self.stock_unbalanced += 1
        self._example(f"product {product}: {on_hand} on hand, its movements make {moved}")

    def add_left_twice(self, product: str, reserved: str, held: str) -> None:
        """Count a product of which more has left than was fulfilled."""
        self.stock_left_twice += 1
        self._example(f"product {product}: {reserved} reserved, open reservations hold {held}")

    def _example(self, text: str) -> None:
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(text)


def take_stock(path: Path, database: Database, warehouse: Warehouse) -> StockTaking:
    """Compare every acknowledged order's lines with what was taken for its key; SampleError where one of the
    servers does not answer.

    The load goes on: what is acknowledged later than now is not looked at.
    """
    size_bytes = cut(path)
    orders = [entry for entry in entries(path, size_bytes=size_bytes) if entry["kind"] == "order"]
    taken, unbalanced, left_twice = _of_warehouse(warehouse)
    ordered = _ordered(database, [int(order["order_id"]) for order in orders])
    result = StockTaking()
    for order in orders:
        order_id = int(order["order_id"])
        result.add(order_id, ordered.get(order_id, {}), taken.get(str(order["idempotency_key"]), {}))
    for row in unbalanced:
        result.add_unbalanced(*row)
    for row in left_twice:
        result.add_left_twice(*row)
    return result


def _of_warehouse(warehouse: Warehouse) -> tuple[Mapping[str, Lines], Rows, Rows]:
    try:
        moved, unbalanced, left_twice = (warehouse.rows(query) for query in (TAKEN, UNBALANCED, LEFT_TWICE))
    except FaultError as error:
        raise SampleError(f"MySQL, as its superuser: {error}") from error
    taken: dict[str, dict[int, int]] = defaultdict(dict)
    for key, product, quantity in moved:
        taken[key][int(product)] = int(quantity)
    return taken, unbalanced, left_twice


def _ordered(database: Database, order_ids: Sequence[int]) -> Mapping[int, Lines]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    remaining = iter(order_ids)
    with database.session() as session:
        while batch := list(islice(remaining, BATCH)):
            rows: Any = session.execute(_LINES, (batch,))
            for order_id, product, quantity in rows:
                found[int(order_id)][int(product)] = int(quantity)
    return found
