"""Rows that are wrong, gone, or kept too long."""

from faults.postgres.autovacuum_off import AutovacuumOff
from faults.postgres.bloat_under_held_xmin import BloatUnderHeldXmin
from faults.postgres.rows_deleted import RowsDeleted
from faults.postgres.wrong_rows_updated import WrongRowsUpdated
from tests.faults.laws import Case
from tests.faults.postgres.clients import ends, types
from tests.faults.postgres.server import Postgres, primary

BLOATED_BUFFERS = 100
PRICE = "495 + (id * 7919) % 14500"  # as the shop's data are made
COPY: dict[str, str] = {}


def product_list_is_slow(server: Postgres) -> str:
    """The list of all products, which has a few pages."""
    query = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id, name, price_cents, stock FROM products"
    ((plans,),) = server.query(query, settings="enable_indexscan = off")
    plan = plans[0]["Plan"]
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return f"{buffers} buffers" if buffers > BLOATED_BUFFERS else ""


def price_is_wrong(server: Postgres) -> str:
    """The price of each product."""
    ((wrong,),) = server.query(f"SELECT count(*) FROM products WHERE price_cents <> {PRICE}")
    return f"{wrong} wrong" if wrong else ""


def order_is_gone(server: Postgres) -> str:
    """The receipt of an order of lately."""
    found = server.query("SELECT o.id FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.id = 998700")
    return "" if found else "gone"


def copy_orders(server: Postgres) -> None:
    """The backup of last night."""
    for table, key in (("orders", "id"), ("order_lines", "order_id"), ("payments", "order_id")):
        if table not in COPY:
            rows = f"SELECT json_agg(t)::text FROM {table} t WHERE {key} BETWEEN 998000 AND 1000000"
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
        by_hand=stop_and_vacuum,
        restart_ends=True,
    ),
    Case(
        fault=AutovacuumOff(),
        server=primary,
        felt=product_list_is_slow,
        by_hand=types("ALTER TABLE products RESET (autovacuum_enabled)", "VACUUM FULL products"),
        restart_ends=False,
    ),
    Case(
        fault=WrongRowsUpdated(),
        server=primary,
        felt=price_is_wrong,
        by_hand=types(f"UPDATE products SET price_cents = {PRICE}"),
        restart_ends=False,
    ),
    Case(
        fault=RowsDeleted(),
        server=primary,
        felt=order_is_gone,
        before=copy_orders,
        by_hand=put_back,
        restart_ends=False,
    ),
]
