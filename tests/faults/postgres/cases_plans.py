"""Plans that go wrong, with an index or without it (see cases_first for one that is gone)."""

from faults.postgres.flipped_plan import FlippedPlan
from faults.postgres.lying_index import LyingIndex
from faults.postgres.unusable_index import UnusableIndex
from tests.faults.laws import Case
from tests.faults.postgres.cases_first import history_reads_everything
from tests.faults.postgres.clients import types
from tests.faults.postgres.server import Postgres, primary

NEWEST = "SELECT id FROM orders WHERE customer_id = (SELECT customer_id FROM orders WHERE id = 1000000)"
BY_INDEX = "enable_seqscan = off; SET enable_bitmapscan = off"
BY_TABLE = "enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off"


def newest_order_is_lost(server: Postgres) -> str:
    """The history of the customer who ordered last, read by the index; and what the table has."""
    found = server.query(NEWEST, settings=BY_INDEX)
    if (1_000_000,) in found:
        return ""
    held = server.query(NEWEST, settings=BY_TABLE)
    return f"lost by the {'index' if (1_000_000,) in held else 'table'}"


def history_whatever_is_analyzed(server: Postgres) -> str:
    """A customer's latest orders, after the DBA's first thought."""
    server.query("ANALYZE orders", role="dba")
    return history_reads_everything(server)


CASES = [
    Case(
        fault=UnusableIndex(),
        server=primary,
        felt=history_reads_everything,
        expects="^slow: Seq Scan on orders, index invalid$",
        by_hand=types("REINDEX INDEX CONCURRENTLY orders_customer_id"),
        restart_ends=False,
    ),
    Case(
        fault=LyingIndex(),
        server=primary,
        felt=newest_order_is_lost,
        expects="^lost by the index$",
        by_hand=types("REINDEX INDEX CONCURRENTLY orders_customer_id"),
        restart_ends=False,
    ),
    Case(
        fault=FlippedPlan(),
        server=primary,
        felt=history_whatever_is_analyzed,
        expects="^slow: Index Scan Backward using orders_pkey on orders, index valid$",
        by_hand=types(
            "ALTER TABLE orders ALTER customer_id RESET (n_distinct), ALTER customer_id SET STATISTICS -1",
            "ANALYZE orders",
        ),
        restart_ends=False,
    ),
]
