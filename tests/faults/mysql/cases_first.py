"""One of each mechanism: a session that holds, settings, an account, an index."""

import time

from faults.mysql.account_locked import AccountLocked
from faults.mysql.commit_delay import CommitDelay
from faults.mysql.idle_transaction_with_row_locks import IdleTransactionWithRowLocks
from faults.mysql.invisible_index import InvisibleIndex
from faults.mysql.read_only_source import ReadOnlySource
from tests.faults.laws import Case
from tests.faults.mysql.server import Mysql, source

HISTORY = "SELECT delta FROM stock_movements WHERE product_id = 47 ORDER BY created_at DESC LIMIT 10"
SELL = "UPDATE stock SET reserved = reserved WHERE product_id = 1"


def sale_waits(server: Mysql) -> str:
    """A sale of the first product."""
    return server.error("SET innodb_lock_wait_timeout = 2", SELL)


def sale_is_refused(server: Mysql) -> str:
    """The same."""
    return server.error(SELL)


def each_commit_is_slow(server: Mysql) -> str:
    """The quickest of five commits still takes most of a second: a machine's stall is not five in a row."""
    took_s = []
    with server.connect() as session, session.cursor() as cursor:
        for _ in range(5):
            began = time.monotonic()
            cursor.execute("UPDATE stock SET updated_at = NOW(6) WHERE product_id = 499")
            took_s.append(time.monotonic() - began)
    return "slow" if min(took_s) > 0.9 else ""


def history_reads_everything(server: Mysql) -> str:
    """A product's latest movements."""
    plan = " ".join(server.query(f"EXPLAIN FORMAT=TRADITIONAL {HISTORY}")[0])
    return "" if "product_created" in plan else plan


def new_sign_ins_are_refused(server: Mysql) -> str:
    """A pod starts."""
    return server.error("SELECT 1")


CASES = [
    Case(
        fault=IdleTransactionWithRowLocks(),
        server=source,
        felt=sale_waits,
        expects="^1205$",
        by_hand=lambda server: server.kill("billing-batch"),
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=CommitDelay(delay_us=1_000_000),
        server=source,
        felt=each_commit_is_slow,
        by_hand=lambda server: server.query(
            "SET GLOBAL binlog_group_commit_sync_delay = 0",
            "RESET PERSIST binlog_group_commit_sync_delay",
            role="dba",
        ),
        restart_ends=False,
    ),
    Case(
        fault=CommitDelay(delay_us=1_000_000, persist="no"),
        variant="until-restart",
        server=source,
        felt=each_commit_is_slow,
        by_hand=lambda server: server.query("SET GLOBAL binlog_group_commit_sync_delay = 0", role="dba"),
        restart_ends=True,
    ),
    Case(
        fault=ReadOnlySource(),
        server=source,
        felt=sale_is_refused,
        expects="^1290$",
        by_hand=lambda server: server.query(
            "SET GLOBAL read_only = OFF", "RESET PERSIST super_read_only", role="dba"
        ),
        restart_ends=False,
    ),
    Case(
        fault=AccountLocked(),
        server=source,
        felt=new_sign_ins_are_refused,
        expects="^3118$",
        by_hand=lambda server: server.query("ALTER USER shop ACCOUNT UNLOCK", role="dba"),
        restart_ends=False,
    ),
    Case(
        fault=InvisibleIndex(),
        server=source,
        felt=history_reads_everything,
        by_hand=lambda server: server.query(
            "ALTER TABLE stock_movements ALTER INDEX product_created VISIBLE", role="dba"
        ),
        restart_ends=False,
    ),
]
