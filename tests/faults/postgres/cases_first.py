"""A session that holds, a setting that hurts, an index that is gone: one of each mechanism."""

import re
from functools import partial

from faults.postgres.idle_in_transaction import IdleInTransaction
from faults.postgres.missing_index import MissingIndex
from faults.postgres.role_setting import RoleSetting
from tests.faults.laws import Case
from tests.faults.postgres.clients import ends, first_customer_orders, places_order
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End
from tests.faults.timed import much_slower

INDEX = "orders_customer_id"
ONE_ORDER = "SELECT id, total_cents, created_at FROM orders WHERE id = 4711"
HISTORY = "SELECT id, total_cents, created_at FROM orders WHERE customer_id = 4711 ORDER BY id DESC LIMIT 20"


def slow_query_is_cut(server: Postgres) -> str:
    """A query that takes a tenth of a second."""
    return server.error("SELECT pg_sleep(0.1)")


def long_query_is_cut(server: Postgres) -> str:
    """A query that takes two seconds."""
    return server.error("SELECT pg_sleep(2)")


def history_reads_everything(server: Postgres) -> str:
    """A customer's latest orders take many times as long as one by its number; how they are read instead."""
    with server.connect() as session:
        queries = [partial(session.execute, one.encode()) for one in (HISTORY, ONE_ORDER)]
        if not much_slower(*queries):
            return ""
    plan = " ".join(str(row[0]) for row in server.query(f"EXPLAIN {HISTORY}"))
    scan = re.search(r"(Seq|Index|Bitmap Heap) Scan.*? on orders", plan)
    valid = server.query(f"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{INDEX}')")
    state = {(): "gone", (True,): "valid", (False,): "invalid"}[valid[0] if valid else ()]
    return f"slow: {scan[0] if scan else plan}, index {state}"


CASES = [
    Case(
        fault=IdleInTransaction(),
        server=primary,
        felt=places_order,
        expects="55P03",
        mild=End(felt=first_customer_orders),
        by_hand=ends("billing-batch"),
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=RoleSetting(),
        server=primary,
        felt=slow_query_is_cut,
        expects="57014",
        mild=End(felt=long_query_is_cut),
        by_hand=lambda server: server.query("ALTER ROLE shop RESET statement_timeout", role="dba"),
        restart_ends=False,
        every_run=True,
    ),
    Case(
        fault=MissingIndex(),
        server=primary,
        felt=history_reads_everything,
        expects="^slow: Seq Scan on orders, index gone$",
        by_hand=lambda server: server.query(
            "CREATE INDEX CONCURRENTLY orders_customer_id ON orders (customer_id, id)", role="dba"
        ),
        restart_ends=False,
        every_run=True,
    ),
]
