"""A page that cannot be read: only a new server, or a new table, helps."""

from faults.mysql.page_corrupted import PageCorrupted
from tests.faults.laws import Case
from tests.faults.mysql.server import Mysql, lone

SUM = "SELECT SUM(delta) FROM stock_movements"
LAST_WORDS = "Database page corruption on disk or a failed file read of page"


def whole_table_is_read(server: Mysql) -> str:
    """The stocktake's sum, once the server has started, twice; and the server's last words.

    A page that the server read ahead it complains of in its log, and now and then uses once all the same: the
    next read of it ends the server.
    """
    server.wait()
    met = server.error(SUM, SUM)
    return f"{met}: {server.said(LAST_WORDS) or 'no word of it'}" if met else ""


def load_the_table_again(server: Mysql) -> None:
    """The DBA drops the table, and loads it anew from where it came."""
    server.wait()
    table = server.query("SHOW CREATE TABLE stock_movements", role="dba")[0][1]
    server.query(
        "DROP TABLE stock_movements",
        table,
        "SET SESSION cte_max_recursion_depth = 300000",
        "INSERT INTO stock_movements (product_id, delta, reason)"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199500)"
        " SELECT 1 + (i * 7919) % 500, -1, 'sale' FROM n",
        role="dba",
    )


CASES = [
    Case(
        fault=PageCorrupted(),
        server=lone,
        felt=whole_table_is_read,
        expects=f"^(2006|2013): {LAST_WORDS}",
        by_hand=load_the_table_again,
        restart_ends=False,
        every_run=True,
    ),
]
