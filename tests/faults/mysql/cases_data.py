"""Numbers that end, rows that are gone, versions that pile up."""

import time

from faults.mysql.auto_increment_at_end import AutoIncrementAtEnd
from faults.mysql.bad_delete import BadDelete
from faults.mysql.long_undo import LENGTH, LongUndo
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.mysql.server import Mysql, source
from tests.faults.strengths import End

SELL = "INSERT INTO stock_movements (product_id, delta, reason) VALUES (1, -1, 'sale')"
LATEST = "SELECT delta FROM stock_movements WHERE product_id = %s ORDER BY created_at DESC LIMIT 10"
OLDEST = (
    "SELECT a.ATTR_VALUE FROM information_schema.innodb_trx t JOIN performance_schema.session_connect_attrs a"
    " ON a.PROCESSLIST_ID = t.trx_mysql_thread_id AND a.ATTR_NAME = 'program_name'"
    " ORDER BY t.trx_started LIMIT 1"
)
MUCH, SOME = 10, 2
LONG = 60
LOOKS = 10
PURGE_S = 5.0


def two_sales(server: Mysql) -> str:
    """Two rows, taken back."""
    return server.error("START TRANSACTION", SELL, SELL, "ROLLBACK")


def sixty_sales(server: Mysql) -> str:
    """Sixty rows, taken back."""
    return server.error("START TRANSACTION", *[SELL] * 60, "ROLLBACK")


def books_do_not_balance(server: Mysql) -> str:
    """What is on hand is the sum of what was moved; of how many products it is not, and by how much."""
    wrong, pieces = server.query(
        "SELECT COUNT(*), COALESCE(SUM(s.on_hand - m.moved), 0) FROM stock s"
        " JOIN (SELECT product_id, SUM(delta) AS moved FROM stock_movements"
        " GROUP BY product_id) m USING (product_id) WHERE s.on_hand <> m.moved"
    )[0]
    return "" if wrong == "0" else f"{wrong} products are off by {pieces}"


def latest_movements_are_slow(server: Mysql, times: int = MUCH) -> str:
    """A product's latest movements take many times as long as another's, each at its quickest.

    For as long as rows that come and go take to be purged: by themselves they slow a look down now and then.
    Said with it: whose snapshot is the oldest, and whether much is kept.
    """
    took_s: dict[int, list[float]] = {1: [], 2: []}
    with server.connect() as session, session.cursor() as cursor:
        until_s = time.monotonic() + PURGE_S
        while True:
            for product, each_s in took_s.items():
                began = time.monotonic()
                cursor.execute(LATEST, (product,))
                each_s.append(time.monotonic() - began)
            slow, quick = min(took_s[1]), min(took_s[2])
            if slow <= times * quick and len(took_s[1]) >= LOOKS:
                return ""
            if time.monotonic() > until_s:
                return f"slow: {kept(server)}"


def latest_movements_take_longer(server: Mysql) -> str:
    """The same, where they take twice as long."""
    return latest_movements_are_slow(server, SOME)


def kept(server: Mysql) -> str:
    """Whether many old versions are kept, and who is the oldest to need them."""
    much = "much" if int(server.target.value(f"SELECT {LENGTH}")) >= LONG else "little"
    return f"{much} kept for {server.target.value(OLDEST) or 'nobody'}"


def purged(server: Mysql) -> None:
    """Wait until deleted rows are out of the way."""
    until(lambda: latest_movements_are_slow(server) == "" or None, what="purged", timeout_s=60)


def end_the_snapshot(server: Mysql) -> None:
    """The DBA ends the oldest transaction; what it held back is purged."""
    server.kill("finance-export")
    purged(server)


def insert_them_again(server: Mysql) -> None:
    """The DBA puts the rows back as they were: the seed is arithmetic."""
    server.query(
        "SET SESSION cte_max_recursion_depth = 300000",
        "INSERT INTO stock_movements (id, product_id, delta, order_id, reason, created_at)"
        " WITH RECURSIVE n (i) AS (SELECT 150001 UNION ALL SELECT i + 1 FROM n WHERE i < 152000)"
        " SELECT i, 1 + (i * 7919) % 500, IF(FLOOR(i / 500) % 40 = 0, 80, -(1 + i % 3)),"
        " IF(FLOOR(i / 500) % 40 = 0, NULL, 1 + i * 5), IF(FLOOR(i / 500) % 40 = 0, 'delivery', 'sale'),"
        " TIMESTAMP('2023-01-01 00:00:00') + INTERVAL i * 425 SECOND FROM n",
        role="dba",
    )


CASES = [
    Case(
        fault=AutoIncrementAtEnd(),
        server=source,
        felt=two_sales,
        expects="^1062$",
        mild=End(felt=sixty_sales),
        by_hand=lambda server: server.query(
            "ALTER TABLE stock_movements AUTO_INCREMENT = 300000", role="dba"
        ),
        restart_ends=False,
    ),
    Case(
        fault=BadDelete(),
        server=source,
        felt=books_do_not_balance,
        expects="^500 products are off by -4001$",
        mild=End(expects="^100 products are off by "),
        # Of the others, what was delivered was sold.
        severe=End(expects="^334 products are off by 1000$"),
        by_hand=insert_them_again,
        restart_ends=False,
    ),
    Case(
        fault=LongUndo(),
        server=source,
        felt=latest_movements_are_slow,
        expects="^slow: much kept for finance-export$",
        mild=End(felt=latest_movements_take_longer),
        by_hand=end_the_snapshot,
        after=purged,
        restart_ends=True,
    ),
]
