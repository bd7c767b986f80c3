"""Clients that hold, queue, block and kill one another."""

import threading
from contextlib import ExitStack

import pymysql

from faults.mysql.connections_exhausted import ConnectionsExhausted
from faults.mysql.deadlock_detection_off import DeadlockDetectionOff
from faults.mysql.gap_lock_deadlocks import GapLockDeadlocks
from faults.mysql.global_read_lock import GlobalReadLock
from faults.mysql.metadata_lock import MetadataLock
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.mysql.server import Mysql, code, source
from tests.faults.strengths import End

WAITS_LITTLE = "SET lock_wait_timeout = 2"
UPDATE = "UPDATE stock SET reserved = reserved WHERE product_id = %s"
ORDER = 5_000_000
"""Later than all that there are, and than those of the traffic."""
DEADLOCK = "1213"


def a_pool_opens(server: Mysql, sessions: int = 12) -> str:
    """Twelve sessions at once."""
    with ExitStack() as stack:
        try:
            for _ in range(sessions):
                stack.enter_context(server.connect())
        except pymysql.Error as error:
            return code(error)
    return ""


def many_pools_open(server: Mysql) -> str:
    """Five times as many, more than are left where a hundred have leaked."""
    return a_pool_opens(server, sessions=60)


def read_waits(server: Mysql) -> str:
    """A product's stock is read."""
    return server.error(WAITS_LITTLE, "SELECT on_hand FROM stock WHERE product_id = 1")


def write_waits(server: Mysql) -> str:
    """A sale."""
    return server.error(WAITS_LITTLE, "UPDATE stock SET reserved = reserved WHERE product_id = 1")


def an_order_is_a_victim(server: Mysql) -> str:
    """Orders are looked for and inserted until one is a deadlock's victim, three hundred times at most."""
    with server.connect() as session, session.cursor() as cursor:
        for _ in range(300):
            try:
                cursor.execute("START TRANSACTION")
                cursor.execute("SELECT id FROM stock_movements WHERE order_id = %s FOR UPDATE", (ORDER,))
                cursor.execute(
                    "INSERT INTO stock_movements (product_id, delta, order_id, reason)"
                    " VALUES (1, -1, %s, 'sale')",
                    (ORDER,),
                )
            except pymysql.Error as error:
                return code(error)
            cursor.execute("ROLLBACK")
    return ""


def crossing_updates_wait(server: Mysql) -> str:
    """Two transactions cross: one is to be killed at once, instead of both waiting their time out."""
    said: list[str] = []
    crossing = threading.Barrier(2)

    def one(first: int, second: int) -> None:
        with server.connect() as session, session.cursor() as cursor:
            cursor.execute("SET innodb_lock_wait_timeout = 6")
            cursor.execute("START TRANSACTION")
            cursor.execute(UPDATE, (first,))
            crossing.wait(timeout=60)
            try:
                cursor.execute(UPDATE, (second,))
            except pymysql.Error as error:
                said.append(code(error))

    threads = [threading.Thread(target=one, args=pair) for pair in ((401, 402), (402, 401))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "" if said == [DEADLOCK] else " ".join(said)


def isolate_less(server: Mysql) -> None:
    """An engineer gives new sessions an isolation without gap locks, and ends the old ones."""
    server.query("SET GLOBAL transaction_isolation = 'READ-COMMITTED'", role="dba")
    server.kill("order-import")
    until(lambda: an_order_is_a_victim(server) == "" or None, what="no more victims", timeout_s=30)


def isolate_again(server: Mysql) -> None:
    """As the server was."""
    server.query("SET GLOBAL transaction_isolation = DEFAULT", role="dba")


CASES = [
    Case(
        fault=ConnectionsExhausted(),
        server=source,
        felt=a_pool_opens,
        expects="^1040$",
        mild=End(felt=many_pools_open),
        by_hand=lambda server: server.kill("report-export"),
        restart_ends=True,
    ),
    Case(
        fault=ConnectionsExhausted(cause="limit"),
        variant="limit",
        server=source,
        felt=a_pool_opens,
        expects="^1040$",
        by_hand=lambda server: server.query("SET GLOBAL max_connections = 200", role="dba"),
        after=lambda server: server.query("SET GLOBAL max_connections = 150", role="dba"),
        restart_ends=True,
    ),
    Case(
        fault=MetadataLock(),
        server=source,
        felt=read_waits,
        expects="^1205$",
        by_hand=lambda server: server.kill("sales-report"),
        restart_ends=True,
    ),
    Case(
        fault=GlobalReadLock(),
        server=source,
        felt=write_waits,
        expects="^1205$",
        by_hand=lambda server: server.kill("nightly-backup"),
        restart_ends=True,
    ),
    Case(
        fault=GapLockDeadlocks(),
        server=source,
        felt=an_order_is_a_victim,
        expects="^1213$",
        by_hand=isolate_less,
        after=isolate_again,
        restart_ends=False,
    ),
    Case(
        fault=DeadlockDetectionOff(),
        server=source,
        felt=crossing_updates_wait,
        expects="^1205",
        by_hand=lambda server: server.query(
            "SET GLOBAL innodb_deadlock_detect = ON", "RESET PERSIST innodb_deadlock_detect", role="dba"
        ),
        restart_ends=False,
    ),
]
