"""Rows that are wrong, gone, or kept too long."""

from faults.postgres.autovacuum_off import AutovacuumOff
from faults.postgres.bloat_under_held_xmin import BloatUnderHeldXmin
from faults.postgres.rows_deleted import RowsDeleted
from faults.postgres.wrong_rows_updated import WrongRowsUpdated
from tests.faults.laws import Case
from tests.faults.postgres.clients import ends, types
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End

BLOATED_BUFFERS = 100
PRICE = "495 + (id * 7919) % 14500"  # as the shop's data are made
COPY: dict[str, str] = {}
FIRST, LAST = 996_000, 1_000_000
HELD_BY = """
    SELECT application_name FROM pg_stat_activity
    WHERE state = 'idle in transaction' AND backend_xmin IS NOT NULL ORDER BY age(backend_xmin) DESC LIMIT 1
"""
LEFT_OUT = """
    SELECT 'autovacuum_enabled=false' = ANY (reloptions) FROM pg_class WHERE oid = 'products'::regclass
"""


def product_list_is_slow(server: Postgres) -> str:
    """The list of all products, which has a few pages: for whom dead rows are kept, and if it is vacuumed."""
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id, name, price_cents, stock FROM products"
    ((plans,),) = server.query(query, settings="enable_indexscan = off")
    plan = plans[0]["Plan"]
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    if buffers <= BLOATED_BUFFERS:
        return ""
    held = server.query(HELD_BY, role="dba")
    vacuumed = "not vacuumed" if server.query(LEFT_OUT, role="dba") == [(True,)] else "vacuumed"
    return f"bloated: kept for {held[0][0] if held else 'nobody'}, {vacuumed}"


def price_is_wrong(server: Postgres) -> str:
    """The price of each product: how many are wrong, and what they are."""
    wrong = server.query(
        f"SELECT price_cents, count(*) FROM products WHERE price_cents <> {PRICE} GROUP BY 1 ORDER BY 2 DESC"
    )
    return ", ".join(f"{count} at {cents} cents" for cents, count in wrong)


def orders_are_gone(server: Postgres) -> str:
    """The receipts of the orders of lately."""
    ((left,),) = server.query(
        "SELECT count(*) FROM orders o JOIN payments p ON p.order_id = o.id"
        f" WHERE o.id BETWEEN {FIRST} AND {LAST}"
    )
    gone = LAST - FIRST + 1 - left
    return f"{gone} orders gone" if gone else ""


def copy_orders(server: Postgres) -> None:
    """The backup of last night."""
    for table, key in (("orders", "id"), ("order_lines", "order_id"), ("payments", "order_id")):
        if table not in COPY:
            rows = f"SELECT json_agg(t)::text FROM {table} t WHERE {key} BETWEEN {FIRST} AND {LAST}"
            ((COPY[table],),) = server.query(rows, role="dba")


def put_back(server: Postgres) -> None:
    """The DBA puts back what the copy has and the database has not."""
    with server.connect("dba") as session:
        for table, rows in COPY.items():
            session.execute(
                f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
                " ON CONFLICT DO NOTHING".encode(),
                [rows],
            )


def stop_and_vacuum(server: Postgres) -> None:
    """The DBA ends the report and the job, and gives the space back."""
    ends("weekly-report")(server)
    ends("price-sync")(server)
    server.query("VACUUM FULL products", role="dba")


CASES = [
    Case(
        fault=BloatUnderHeldXmin(),
        server=primary,
        felt=product_list_is_slow,
        expects="^bloated: kept for weekly-report, vacuumed$",
        by_hand=stop_and_vacuum,
        restart_ends=True,
    ),
    Case(
        fault=AutovacuumOff(),
        server=primary,
        felt=product_list_is_slow,
        expects="^bloated: kept for nobody, not vacuumed$",
        by_hand=types("ALTER TABLE products RESET (autovacuum_enabled)", "VACUUM FULL products"),
        restart_ends=False,
    ),
    Case(
        fault=WrongRowsUpdated(),
        server=primary,
        felt=price_is_wrong,
        expects="^500 at 999 cents$",
        mild=End(expects="^20 at 999 cents$"),
        by_hand=types(f"UPDATE products SET price_cents = {PRICE}"),
        restart_ends=False,
    ),
    Case(
        fault=RowsDeleted(),
        server=primary,
        felt=orders_are_gone,
        expects="^500 orders gone$",
        mild=End(expects="^20 orders gone$"),
        severe=End(expects="^2000 orders gone$"),
        before=copy_orders,
        by_hand=put_back,
        restart_ends=False,
    ),
]
