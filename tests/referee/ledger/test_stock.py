"""What acknowledged orders took from stock, on the shop's own PostgreSQL and MySQL."""

import json
from pathlib import Path

import docker
import pytest

from faults.core import Kind
from faults.targets import Way, target
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.stock import Warehouse, take_stock
from tests.shop.servers import Mysql, Postgres

pytestmark = pytest.mark.docker

RESERVE = "INSERT INTO reservations (order_key, state, attempt) VALUES (%s, 'reserved', 1)"
FULFIL = "UPDATE reservations SET state = 'fulfilled' WHERE order_key = %s"
MOVE = "INSERT INTO stock_movements (product_id, delta, order_key, reason) VALUES (%s, %s, %s, %s)"


@pytest.fixture
def warehouse(engine: docker.DockerClient, mysql: Mysql) -> Warehouse:
    """The referee's way into MySQL."""
    found: Warehouse = target(engine, Kind.MYSQL, Way(container=str(mysql.running.container.name)))
    return found


def ordered(postgres: Postgres, key: str, product: int, quantity: int) -> str:
    """Write an order of one line; its line in the ledger."""
    insert = "insert into orders (customer_id, idempotency_key, total_cents) values (1, %s, 5) returning id"
    line = "insert into order_lines (order_id, product_id, quantity, price_cents) values (%s, %s, %s, 5)"
    with postgres.connect("shop") as session:
        row = session.execute(insert, (key,)).fetchone()
        assert row is not None
        session.execute(line, (row[0], product, quantity))
    entry = {"t": 1, "kind": "order", "order_id": row[0], "idempotency_key": key, "total_cents": 5}
    return json.dumps(entry) + "\n"


def moved(mysql: Mysql, key: str, product: int, delta: int, reason: str = "sale") -> None:
    """Take from stock, or give back, as a checkout does."""
    mysql.rows(MOVE, product, delta, key, reason)
    mysql.rows("UPDATE stock SET on_hand = on_hand + %s WHERE product_id = %s", delta, product)


def test_what_orders_took_is_compared_and_every_product_added_up(
    postgres: Postgres, mysql: Mysql, database: Database, warehouse: Warehouse, tmp_path: Path
) -> None:
    """One is as ordered, one was never taken, one was given back though its order stands."""
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        ordered(postgres, "as-ordered", 11, 2)
        + ordered(postgres, "oversold", 12, 1)
        + ordered(postgres, "given-back", 13, 3)
        + '{"t": 1, "kind": "customer", "customer_id": 1, "email": "x"}\n{"kind": "ord'
    )
    moved(mysql, "as-ordered", 11, -2)
    moved(mysql, "given-back", 13, -3)
    moved(mysql, "given-back", 13, 3, "return")
    moved(mysql, "of-nobody-yet", 14, -1)
    found = take_stock(path, database, warehouse)
    assert (found.stock_checked, found.stock_wrong, found.stock_unbalanced) == (3, 2, 0)
    assert any("ordered {12: 1}, taken from stock {}" in example for example in found.examples)
    assert any("ordered {13: 3}, taken from stock {}" in example for example in found.examples)
    mysql.rows("UPDATE stock SET on_hand = on_hand + 5 WHERE product_id = 15")
    found = take_stock(path, database, warehouse)
    mysql.rows("UPDATE stock SET on_hand = on_hand - 5 WHERE product_id = 15")
    assert (found.stock_wrong, found.stock_unbalanced) == (2, 1)
    assert any(example.startswith("product 15: ") for example in found.examples)


def test_what_left_twice_is_counted(
    mysql: Mysql, database: Database, warehouse: Warehouse, no_orders: Path
) -> None:
    """One order's two leave, and then leave again: less is reserved than the other order holds."""

    def less_reserved(quantity: int) -> int:
        mysql.rows("UPDATE stock SET reserved = reserved - %s WHERE product_id = 16", quantity)
        found = take_stock(no_orders, database, warehouse)
        assert found.stock_unbalanced == 0
        assert len(found.examples) == found.stock_left_twice
        return found.stock_left_twice

    for key, quantity in (("two", 2), ("three", 3)):
        mysql.rows(RESERVE, key)
        moved(mysql, key, 16, -quantity)
    assert less_reserved(-5) == 0
    mysql.rows(FULFIL, "two")
    assert less_reserved(2) == 0
    assert less_reserved(2) == 1
    assert less_reserved(-2) == 0


def test_an_empty_ledger_is_nothing_to_compare(
    mysql: Mysql, database: Database, warehouse: Warehouse, no_orders: Path
) -> None:
    found = take_stock(no_orders, database, warehouse)
    assert (found.stock_checked, found.stock_wrong, found.stock_unbalanced) == (0, 0, 0)


def test_a_warehouse_that_does_not_answer_is_no_finding(
    engine: docker.DockerClient, mysql: Mysql, database: Database, warehouse: Warehouse, no_orders: Path
) -> None:
    mysql.running.container.stop(timeout=20)
    try:
        with pytest.raises(SampleError, match="MySQL"):
            take_stock(no_orders, database, warehouse)
    finally:
        mysql.running.container.start()
