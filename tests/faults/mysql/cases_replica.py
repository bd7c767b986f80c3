"""A replica that holds back, stops, or cannot keep up."""

import time

from faults.mysql import _replication
from faults.mysql.applier_stopped_by_1062 import ApplierStoppedBy1062
from faults.mysql.delayed_replica import DelayedReplica
from faults.mysql.single_applier import SingleApplier
from faults.mysql.single_applier_huge_transaction import SingleApplierHugeTransaction
from faults.mysql.update_without_key import UpdateWithoutKey
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.mysql.server import Replica, replica
from tests.faults.strengths import End

BATCH = "stock-snapshot"
LOOKS = 4
RUNS_S, EVERY_S = 15.0, 0.25


def what_was_sold_does_not_show(server: Replica, within_s: int = 8) -> str:
    """A row is written on the source and looked for on the replica; what keeps the replica."""
    return because(server, server.behind(within_s))


def what_was_sold_does_not_show_at_once(server: Replica) -> str:
    """The same, within less than a delay of ten seconds."""
    return what_was_sold_does_not_show(server, within_s=3)


def some_of_what_was_sold_does_not_show(server: Replica, within_s: int = 8) -> str:
    """The replica falls behind step by step: one of a few rows waits for long, and for what."""
    return because(server, next((said for _ in range(LOOKS) if (said := server.behind(within_s))), ""))


def some_of_what_was_sold_waits_for_a_large_one(server: Replica) -> str:
    """It waits while one transaction is applied, which takes seconds, and not for longer."""
    return some_of_what_was_sold_does_not_show(server, within_s=3)


def some_of_what_was_sold_waits_now_and_then(server: Replica) -> str:
    """It waits at some moment of a few runs of the batch: in its pauses the replica catches up."""
    until_s = time.monotonic() + RUNS_S
    while time.monotonic() < until_s:
        if met := server.behind(within_s=2):
            return because(server, met)
        time.sleep(EVERY_S)
    return ""


def because(server: Replica, met: str) -> str:
    """The same trouble, with its cause."""
    return met and f"{met}: {until(lambda: server.why() or None, what='a cause is seen', timeout_s=30)}"


def delete_the_stray_row(server: Replica) -> None:
    """An engineer, with the superuser's shell on the replica."""
    said = server.query(
        f"SELECT LAST_ERROR_MESSAGE FROM {_replication.WORKERS} WHERE LAST_ERROR_NUMBER = 1062", role="dba"
    )[0][0]
    ident = int(said.partition("Duplicate entry '")[2].partition("'")[0])
    server.target.run(
        "SET GLOBAL super_read_only = OFF",
        "SET SESSION sql_log_bin = OFF",
        f"DELETE FROM stock_movements WHERE id = {ident}",
        "SET GLOBAL super_read_only = ON",
        "START REPLICA",
    )
    server.in_step()


def give_the_table_a_key(server: Replica) -> None:
    """The same, for a table without a key; and the batch is held until the source's table has one too."""
    server.source.kill(BATCH)
    _replication.interrupt(server.target)
    server.target.run(
        "STOP REPLICA SQL_THREAD",
        "SET GLOBAL super_read_only = OFF",
        "SET SESSION sql_log_bin = OFF",
        "ALTER TABLE stock_snapshot_2026 ADD PRIMARY KEY (product_id, counted_on)",
        "SET GLOBAL super_read_only = ON",
        "START REPLICA",
    )
    server.in_step()


def end_the_batch_see_it_again_and_give_the_key(server: Replica) -> None:
    """Ended, the batch comes back and changes the newest fifth of the rows once more: only a key helps."""
    server.source.kill(BATCH)
    ended = server.source.query("SELECT NOW(6)", role="dba")[0][0]
    changed = (
        "SELECT COUNT(*), MIN(counted_on), MAX(counted_on) FROM stock_snapshot_2026"
        f" WHERE valued_at > '{ended}'"
    )
    found = until(
        lambda: [row for row in server.source.query(changed, role="dba") if row[0] != "0"] or None,
        what=f"{BATCH} changes rows again",
        timeout_s=30,
    )
    assert found == [("24000", "2025-11-14", "2025-12-31")]
    give_the_table_a_key(server)


def apply_in_parallel(server: Replica) -> None:
    """The DBA ends the batch, and gives the replica its workers back."""
    server.source.kill("stock-valuation")
    server.query(
        "STOP REPLICA SQL_THREAD",
        "SET PERSIST replica_parallel_workers = 4",
        "START REPLICA",
        role="dba",
    )
    server.in_step()


def many_apply(server: Replica) -> None:
    """The DBA gives the replica so many workers that they share its wait at commit."""
    server.query(
        "STOP REPLICA SQL_THREAD",
        "SET PERSIST replica_parallel_workers = 16",
        "START REPLICA",
        role="dba",
    )
    server.in_step()


def as_many_as_in_the_image(server: Replica) -> None:
    """What a fix left behind goes."""
    _replication.with_applier_stopped(server.target, "SET GLOBAL replica_parallel_workers = 4")
    nothing_persisted(server)


def nothing_persisted(server: Replica) -> None:
    """What a fix left behind is the same as what the image says, and goes."""
    server.target.run("RESET PERSIST IF EXISTS replica_parallel_workers")
    server.in_step()


CASES = [
    Case(
        fault=DelayedReplica(),
        server=replica,
        before=Replica.in_step,
        felt=what_was_sold_does_not_show,
        expects="^behind: waits out a delay of 600 s$",
        mild=End(felt=what_was_sold_does_not_show_at_once, expects="^behind: waits out a delay of 10 s$"),
        severe=End(expects="^behind: waits out a delay of 3600 s$"),
        by_hand=lambda server: server.query(
            "STOP REPLICA SQL_THREAD",
            "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0",
            "START REPLICA",
            role="dba",
        ),
        after=Replica.in_step,
        restart_ends=False,
        every_run=True,
    ),
    Case(
        fault=ApplierStoppedBy1062(),
        server=replica,
        before=Replica.in_step,
        felt=what_was_sold_does_not_show,
        expects="^behind: stopped by error 1062$",
        by_hand=delete_the_stray_row,
        after=Replica.in_step,
        restart_ends=False,
    ),
    Case(
        fault=UpdateWithoutKey(),
        server=replica,
        before=Replica.in_step,
        felt=some_of_what_was_sold_does_not_show,
        expects="^behind: busy with stock_snapshot_2026$",
        mild=End(felt=some_of_what_was_sold_waits_now_and_then),
        by_hand=give_the_table_a_key,
        after=Replica.in_step,
        restart_ends=False,
    ),
    Case(
        # Fewer rows of a larger table: each of them costs the replica the whole table.
        fault=UpdateWithoutKey(rows=120_000, changed_ratio=0.2, pause_ms=1_000, again_s=2.0),
        variant="newest-rows-again",
        server=replica,
        before=Replica.in_step,
        felt=some_of_what_was_sold_does_not_show,
        expects="^behind: busy with stock_snapshot_2026$",
        mild=End(felt=some_of_what_was_sold_waits_for_a_large_one),
        by_hand=end_the_batch_see_it_again_and_give_the_key,
        after=Replica.in_step,
        restart_ends=False,
    ),
    Case(
        fault=SingleApplierHugeTransaction(rows=200_000, pause_ms=200),
        server=replica,
        before=Replica.in_step,
        felt=some_of_what_was_sold_waits_for_a_large_one,
        expects="^behind: busy with stock_valuation_2026$",
        by_hand=apply_in_parallel,
        after=nothing_persisted,
        restart_ends=False,
    ),
    Case(
        fault=SingleApplier(),
        server=replica,
        before=Replica.in_step,
        felt=some_of_what_was_sold_does_not_show,
        expects="^behind: busy with shelf_counts_2026$",
        by_hand=many_apply,
        after=as_many_as_in_the_image,
        restart_ends=False,
    ),
]
