"""One of each mechanism: a session that holds, settings, an account, an index."""

import time
from functools import partial

from faults.mysql.account_locked import AccountLocked
from faults.mysql.commit_delay import CommitDelay
from faults.mysql.idle_transaction_with_row_locks import IdleTransactionWithRowLocks
from faults.mysql.invisible_index import InvisibleIndex
from faults.mysql.read_only_source import ReadOnlySource
from tests.faults.laws import Case
from tests.faults.mysql.server import Mysql, source
from tests.faults.strengths import End
from tests.faults.timed import much_slower

HISTORY = "SELECT delta FROM stock_movements WHERE product_id = 47 ORDER BY created_at DESC LIMIT 10"
ONE_MOVEMENT = "SELECT delta FROM stock_movements WHERE id = 47"
INDEX = "product_created"
STATE = (
    "SELECT MAX(IS_VISIBLE) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
    f" AND TABLE_NAME = 'stock_movements' AND INDEX_NAME = '{INDEX}'"
)
STATES = {"YES": "visible", "NO": "invisible", "None": "gone"}
DELAY_S = CommitDelay().delay_us / 1e6
MILD_S, SLOW_RATIO = 0.05, 0.9
SELL = "UPDATE stock SET reserved = reserved WHERE product_id = 1"


def sale_waits(server: Mysql) -> str:
    """A sale of the first product."""
    return server.error("SET innodb_lock_wait_timeout = 2", SELL)


def sale_is_refused(server: Mysql) -> str:
    """The same."""
    return server.error(SELL)


def each_commit_is_slow(server: Mysql, delay_s: float = DELAY_S) -> str:
    """The quickest of five commits still takes as long as told: a machine's stall is not five in a row.

    What comes before the commit is as quick as ever, and so nobody waits for a lock or for the disk to read.
    """
    took_s: dict[str, list[float]] = {"UPDATE": [], "COMMIT": []}
    update = "UPDATE stock SET updated_at = NOW(6) WHERE product_id = 499"
    with server.connect() as session, session.cursor() as cursor:
        for _ in range(5):
            cursor.execute("START TRANSACTION")
            for word, statement in (("UPDATE", update), ("COMMIT", "COMMIT")):
                began = time.monotonic()
                cursor.execute(statement)
                took_s[word].append(time.monotonic() - began)
    slow = [word for word, times in took_s.items() if min(times) > SLOW_RATIO * delay_s]
    late = "as told" if delay_s <= min(took_s["COMMIT"]) < 2 * delay_s else "by another time"
    return f"each {' and '.join(slow)} late {late}" if slow else ""


def each_commit_is_a_little_slow(server: Mysql) -> str:
    """The same, where it takes a twentieth of a second."""
    return each_commit_is_slow(server, MILD_S)


def history_reads_everything(server: Mysql) -> str:
    """A product's latest movements take many times as long as one by its number; how they are read then."""
    with server.connect() as session, session.cursor() as cursor:
        queries = [partial(cursor.execute, one) for one in (HISTORY, ONE_MOVEMENT)]
        if not much_slower(*queries):
            return ""
    plan = server.query(f"EXPLAIN FORMAT=TRADITIONAL {HISTORY}")[0]
    return f"slow: {plan[4]} by {plan[6]}, index {STATES[server.query(STATE)[0][0]]}"


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
        fault=CommitDelay(),
        server=source,
        felt=each_commit_is_slow,
        expects="^each COMMIT late as told$",
        mild=End(felt=each_commit_is_a_little_slow),
        by_hand=lambda server: server.query(
            "SET GLOBAL binlog_group_commit_sync_delay = 0",
            "RESET PERSIST binlog_group_commit_sync_delay",
            role="dba",
        ),
        restart_ends=False,
    ),
    Case(
        fault=CommitDelay(persist="no"),
        variant="until-restart",
        server=source,
        felt=each_commit_is_slow,
        expects="^each COMMIT late as told$",
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
        expects="^slow: ALL by None, index invisible$",
        by_hand=lambda server: server.query(
            "ALTER TABLE stock_movements ALTER INDEX product_created VISIBLE", role="dba"
        ),
        restart_ends=False,
    ),
]
