"""What the shop's own statements meet, and what a DBA types, for several cases."""

from collections.abc import Callable
from contextlib import ExitStack

import psycopg

from faults.wait import until
from tests.faults.postgres.server import Postgres

ATTEMPTS = 5


def places_order(server: Postgres, customer: int = 4711) -> str:
    """A customer's order is written (and taken back)."""
    insert = f"BEGIN; INSERT INTO orders (customer_id, total_cents) VALUES ({customer}, 100); ROLLBACK"
    return server.error(insert, settings="lock_timeout = '1s'")


def first_customer_orders(server: Postgres) -> str:
    """That customer's is."""
    return places_order(server, customer=1)


def many_order(server: Postgres) -> str:
    """Six hundred orders are written (and taken back)."""
    rows = "SELECT 4711, 100 FROM generate_series(1, 600)"
    return server.error(f"BEGIN; INSERT INTO orders (customer_id, total_cents) {rows}; ROLLBACK")


def writes_line(server: Postgres, patience: str = "1s") -> str:
    """A line of an order that names the first product is written (and taken back)."""
    insert = "BEGIN; INSERT INTO order_lines VALUES (1, 1, 1, 100); ROLLBACK"
    return server.error(insert, settings=f"lock_timeout = '{patience}'")


def writes_line_at_once(server: Postgres) -> str:
    """The same, by somebody who has no time."""
    return writes_line(server, patience="20ms")


def queues_for_lines(server: Postgres) -> str:
    """Lines that name one product and then the other are written, several times, while others deadlock."""
    insert = (
        "BEGIN; INSERT INTO order_lines VALUES (1, 1, 1, 100); INSERT INTO order_lines VALUES (1, 2, 1, 100);"
        " INSERT INTO order_lines VALUES (1, 3, 1, 100); ROLLBACK"
    )
    before = deadlocks(server)
    attempts = (server.error(insert, settings="lock_timeout = '100ms'") for _ in range(ATTEMPTS))
    met = next(filter(None, attempts), "")
    if met:
        until(lambda: deadlocks(server) > before or None, what="others end in deadlocks", timeout_s=20)
    return f"{met} among deadlocks" if met else ""


def deadlocks(server: Postgres) -> int:
    """How many the database has counted."""
    return int(server.query("SELECT deadlocks FROM pg_stat_database WHERE datname = 'shop'")[0][0])


def reads_history(server: Postgres) -> str:
    """A customer's orders are read."""
    return server.error(
        "SELECT id FROM orders WHERE customer_id = 4711 ORDER BY id DESC LIMIT 20",
        settings="lock_timeout = '2s'",
    )


def connects(server: Postgres, sessions: int = 2) -> str:
    """A pool opens two sessions at the same time."""
    with ExitStack() as stack:
        try:
            for _ in range(sessions):
                stack.enter_context(server.connect())
        except psycopg.Error as error:
            return error.sqlstate or f"connection: {error}"
    return ""


def many_connect(server: Postgres) -> str:
    """Many pools do, with more sessions than there are places where forty have leaked."""
    return connects(server, sessions=70)


def ends(program: str, *, left: int = 0) -> Callable[[Postgres], None]:
    """The DBA ends all sessions of a program, and sees them gone but for a few that had been waiting."""

    def by_hand(server: Postgres) -> None:
        which = f"FROM pg_stat_activity WHERE application_name = '{program}'"
        server.query(f"SELECT pg_terminate_backend(pid) {which}", role="dba")
        until(
            lambda: server.query(f"SELECT count(*) {which}", role="dba")[0][0] <= left or None,
            what=f"the sessions of {program} are gone",
            timeout_s=20,
        )

    return by_hand


def types(*statements: str) -> Callable[[Postgres], None]:
    """The DBA types statements."""

    def by_hand(server: Postgres) -> None:
        for statement in statements:
            server.query(statement, role="dba")

    return by_hand
