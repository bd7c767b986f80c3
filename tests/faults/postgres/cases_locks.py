"""Locks that are held, waited for, or taken in the wrong order."""

from faults.postgres.access_exclusive_lock import AccessExclusiveLock
from faults.postgres.deadlock_storm import DeadlockStorm
from faults.postgres.hot_row import HotRow
from faults.postgres.lock_queue_behind_ddl import LockQueueBehindDdl
from faults.postgres.prepared_transaction import PreparedTransaction
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.postgres.clients import (
    ends,
    first_customer_orders,
    places_order,
    queues_for_lines,
    reads_history,
    writes_line,
    writes_line_at_once,
)
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End


def cancel_migration(server: Postgres) -> None:
    """The DBA cancels the ALTER, and sees it gone."""
    which = "FROM pg_stat_activity WHERE application_name = 'schema-migration'"
    server.query(f"SELECT pg_cancel_backend(pid) {which}", role="dba")
    until(
        lambda: reads_history(server) == "" or None,
        what="the queue behind the ALTER is gone",
        timeout_s=20,
    )


def roll_back_prepared(server: Postgres) -> None:
    """The DBA becomes the role that prepared it, and rolls it back."""
    with server.connect("dba") as session:
        session.execute("GRANT shop TO dba WITH SET TRUE")
        session.execute("SET ROLE shop")
        for (gid,) in session.execute("SELECT gid FROM pg_prepared_xacts").fetchall():
            session.execute(f"ROLLBACK PREPARED '{gid}'".encode())
        session.execute("RESET ROLE")
        session.execute("REVOKE SET OPTION FOR shop FROM dba")


CASES = [
    Case(
        fault=AccessExclusiveLock(),
        server=primary,
        felt=reads_history,
        expects="55P03",
        mild=End(felt=places_order),
        by_hand=ends("nightly-maintenance"),
        restart_ends=True,
    ),
    Case(
        fault=LockQueueBehindDdl(),
        server=primary,
        felt=reads_history,
        expects="55P03",
        by_hand=cancel_migration,
        restart_ends=True,
    ),
    Case(
        fault=PreparedTransaction(),
        server=primary,
        felt=places_order,
        expects="55P03",
        mild=End(felt=first_customer_orders),
        by_hand=roll_back_prepared,
        restart_ends=False,
    ),
    Case(
        fault=HotRow(),
        server=primary,
        felt=writes_line,
        expects="55P03",
        mild=End(felt=writes_line_at_once),
        by_hand=ends("inventory-sync"),
        restart_ends=True,
    ),
    Case(
        fault=DeadlockStorm(),
        server=primary,
        felt=queues_for_lines,
        expects="^(40P01|55P03) among deadlocks$",
        mild=End(unfelt="a few sessions among more rows: hardly ever on those that a client wants"),
        by_hand=ends("inventory-sync"),
        restart_ends=True,
    ),
]
