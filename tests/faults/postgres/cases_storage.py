"""Volumes without room, a damaged page, transaction ids that run out."""

from faults.postgres.data_volume_filled import DataVolumeFilled
from faults.postgres.page_corrupted import PageCorrupted
from faults.postgres.wal_volume_filled import WalVolumeFilled
from faults.postgres.wraparound_near import WraparoundNear
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.server import Postgres
from tests.faults.postgres.volumes import capped, spare
from tests.faults.strengths import End

REPORT = "SELECT count(*) FROM (SELECT md5(i::text) FROM generate_series(1, {rows}) i ORDER BY 1) sorted"


def order_is_refused(server: Postgres) -> str:
    """A statement that writes."""
    return server.error("UPDATE orders SET status = status WHERE id = 1")


def report_is_refused(server: Postgres, rows: int = 30_000) -> str:
    """A report that sorts on disk."""
    return server.error(REPORT.format(rows=rows), settings="work_mem = '64kB'")


def long_report_is_refused(server: Postgres) -> str:
    """One that needs ten times the room."""
    return report_is_refused(server, rows=300_000)


def history_is_unreadable(server: Postgres) -> str:
    """A report over all orders, which sees them all."""
    return server.error("SELECT 1 / (count(*) >= 1000000)::int FROM orders WHERE total_cents > 0")


def last_nights_dump(server: Postgres) -> None:
    """A backup of what is going to be damaged."""
    server.query("DROP TABLE IF EXISTS orders_dump", role="dba")
    server.query("CREATE TABLE orders_dump AS SELECT * FROM orders WHERE ctid < '(8,0)'", role="dba")


def put_rows_back(server: Postgres) -> None:
    """Write the table anew without the page, then take its rows from the backup."""
    psql = ("psql", "-X", "-q", "-d", "shop", "-v", "ON_ERROR_STOP=1")
    server.container.exec(
        *psql,
        *("-c", "SET zero_damaged_pages = on", "-c", "VACUUM FULL orders"),
        *("-c", "INSERT INTO orders SELECT * FROM orders_dump ON CONFLICT DO NOTHING"),
        timeout_s=90,
    )


VACUUM_WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'autovacuum:%orders%' AND wait_event_type = 'Lock'
"""
END_HOLDER = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'etl-nightly'
"""


def let_vacuum_in(server: Postgres) -> None:
    """Hurry autovacuum up, see what it waits for, and end the session that holds the lock."""

    def seen(condition: str) -> None:
        until(lambda: server.query(condition, role="dba")[0][0] or None, what=condition, timeout_s=90)

    server.query("ALTER SYSTEM SET autovacuum_naptime = '1s'", role="dba")
    server.query("SELECT pg_reload_conf()", role="dba")
    seen(VACUUM_WAITS)
    server.query(END_HOLDER, role="dba")
    seen("SELECT max(age(datfrozenxid)) < 200000000 FROM pg_database")
    server.query("ALTER SYSTEM RESET autovacuum_naptime", role="dba")
    server.query("SELECT pg_reload_conf()", role="dba")


CASES = [
    Case(
        fault=DataVolumeFilled(),
        server=capped,
        felt=report_is_refused,
        expects="53100",
        mild=End(felt=long_report_is_refused),
        by_hand=lambda server: server.clean("base"),
        restart_ends=False,
        every_run=True,
    ),
    Case(
        fault=WalVolumeFilled(),
        server=capped,
        felt=order_is_refused,
        expects="down",
        by_hand=lambda server: server.clean("pg_wal"),
        restart_ends=False,
    ),
    Case(
        fault=PageCorrupted(),
        server=spare,
        before=last_nights_dump,
        felt=history_is_unreadable,
        expects="XX001",
        by_hand=put_rows_back,
        restart_ends=False,
    ),
    Case(
        fault=WraparoundNear(),
        server=spare,
        felt=order_is_refused,
        expects="54000",
        mild=End(unfelt="with ten million left the server warns, and writes"),
        by_hand=let_vacuum_in,
        restart_ends=False,
    ),
]
