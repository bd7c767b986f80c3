"""Fingerprints where the products are in MySQL, against the shop's own PostgreSQL and MySQL."""

import pymysql
import pytest

from lab.referee import fingerprints
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.fingerprints import Fingerprints
from lab.referee.mysql import Mysql as Looking
from tests.shop.servers import PASSWORDS, Mysql

pytestmark = pytest.mark.docker


@pytest.fixture(name="catalogue")
def _catalogue(mysql: Mysql) -> Looking:
    """The referee's look into MySQL, by its own user."""
    return Looking(host="127.0.0.1", port=mysql.running.port, password=PASSWORDS["MYSQL_REFEREE_PASSWORD"])


def as_dba(mysql: Mysql, statement: str) -> None:
    """Do what the shop itself may not."""
    session = pymysql.connect(
        host="127.0.0.1",
        port=mysql.running.port,
        user="dba",
        password=PASSWORDS["MYSQL_DBA_PASSWORD"],
        database="shop",
        ssl={"check_hostname": False},
    )
    with session, session.cursor() as cursor:
        cursor.execute(statement)


def test_what_is_done_to_products_or_tables_is_told_and_trade_is_not(
    database: Database, mysql: Mysql, catalogue: Looking
) -> None:
    """Sales change nothing, nor does a table that is not the shop's; a price does, and an index."""

    def take() -> Fingerprints:
        return fingerprints.take(database, catalogue)

    before = take()
    assert fingerprints.take(database).schema != before.schema
    mysql.rows("UPDATE stock SET on_hand = on_hand - 1, reserved = 1 WHERE product_id = 3")
    mysql.rows(
        "INSERT INTO stock_movements (product_id, delta, order_key, reason) VALUES (3, -1, 'k', 'sale')"
    )
    mysql.rows("INSERT INTO reservations (order_key, state, attempt) VALUES ('k', 'reserved', 1)")
    as_dba(mysql, "CREATE TABLE snapshot_2026 (id INT)")
    as_dba(mysql, "ALTER TABLE snapshot_2026 ADD PRIMARY KEY (id)")
    assert take() == before
    mysql.rows("UPDATE products SET price_cents = price_cents + 1 WHERE id = 77")
    priced = take()
    assert (priced.schema, priced.data != before.data) == (before.schema, True)
    mysql.rows("UPDATE products SET price_cents = price_cents - 1 WHERE id = 77")
    as_dba(mysql, "ALTER TABLE products ADD INDEX by_name (name)")
    indexed = take()
    assert (indexed.schema != before.schema, indexed.data) == (True, before.data)
    as_dba(mysql, "ALTER TABLE products DROP INDEX by_name")
    assert take() == before


def test_a_catalogue_that_does_not_answer_is_our_trouble(database: Database) -> None:
    """Nobody is said to have changed what could not be read."""
    with pytest.raises(SampleError, match="MySQL, as user referee"):
        fingerprints.take(database, Looking(host="127.0.0.1", port=1, password="x"))
