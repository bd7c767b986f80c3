"""Which faults of one container exclude each other."""

from pathlib import Path
from typing import Any, cast

import pytest

from faults.catalog import catalogue, find
from faults.core import Kind, touched
from faults.errors import Excluded
from faults.lifecycle import inject
from faults.store import Phase, Record, Store
from faults.touches import CONTAINER, PROCESSES, common, overlap


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("setting:maxmemory", "setting:maxmemory", True),
        ("setting:maxmemory", "setting:maxclients", False),
        ("lock:*", "lock:stock", True),
        ("lock:*", "rows:stock", True),
        ("lock:stock", "rows:stock", True),
        ("lock:stock", "rows:stock_movements", False),
        ("lock:orders", "sequence:orders.id", True),
        ("lock:orders", "column:orders.delivery_note", True),
        ("lock:orders", "statistics:customers.name", False),
        ("lock:orders", "index:orders_customer_id", True),
        ("lock:orders", "setting:archive_command", False),
        ("rows:orders", "index:orders_customer_id", False),
        ("writes", "writes", True),
        ("writes", "rows:orders", True),
        ("writes", "role:reporting", True),
        ("writes", "setting:maxclients", False),
        ("writes", "connections", False),
        ("writes", "interface", False),
        ("answers", "answers", True),
        ("answers", "writes", True),
        ("answers", "setting:maxmemory", True),
        ("answers", "key:page:visitors", True),
        ("answers", "cpu", False),
        ("answers", "volume:data", False),
        ("answers", "host:postgres", False),
        ("answers", "path:api", False),
        ("processes", "answers", True),
        ("container", "setting:maxmemory", True),
        ("container", "cpu", True),
        ("processes", "rows:orders", True),
        ("processes", "interface", True),
        ("processes", "processes", True),
        ("processes", "cpu", False),
        ("processes", "file:/etc/redis/redis.conf", False),
        ("processes", "volume:/data", False),
    ],
)
def test_two_names_overlap_whichever_comes_first(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_what_overlaps_is_told_with_what_it_meets() -> None:
    assert common(["cpu", "processes"], ["rows:orders", "cpu"]) == ("cpu", "processes (rows:orders)")


REDIS = (
    *("redis.acl_changed", "redis.big_key", "redis.eviction_storm", "redis.hot_key", "redis.keys_traffic"),
    *("redis.mass_expiry", "redis.maxmemory_noeviction", "redis.paused_writes", "redis.persistence_failing"),
    "redis.replica_link_broken",
)
WRITERS = (
    *("postgres.missing_index", "postgres.lying_index", "postgres.unusable_index", "postgres.rows_deleted"),
    *("postgres.wrong_rows_updated", "postgres.hot_row", "postgres.sequence_exhausted"),
    *("postgres.autovacuum_off", "postgres.bloat_under_held_xmin", "postgres.rogue_role"),
    *("postgres.role_setting", "postgres.database_setting", "postgres.replication_credentials_broken"),
    *("postgres.flipped_plan", "postgres.lock_queue_behind_ddl", "postgres.prepared_transaction"),
)
MYSQL_WRITERS = (
    *("mysql.auto_increment_at_end", "mysql.bad_delete", "mysql.account_locked", "mysql.invisible_index"),
    *("mysql.idle_transaction_with_row_locks", "mysql.update_without_key", "mysql.gap_lock_deadlocks"),
    *("mysql.single_applier", "mysql.single_applier_huge_transaction", "mysql.applier_stopped_by_1062"),
    *("mysql.delayed_replica", "mysql.long_undo"),
)
OF_ORDERS = (
    *("postgres.missing_index", "postgres.lying_index", "postgres.unusable_index", "postgres.rows_deleted"),
    *("postgres.sequence_exhausted", "postgres.flipped_plan", "release.batch_misbehaves"),
)

PAIRS = [
    ("mysql.global_read_lock", "mysql.metadata_lock", True),
    ("mysql.page_corrupted", "mysql.commit_delay", True),
    ("postgres.wraparound_near", "postgres.missing_index", True),
    ("postgres.page_corrupted", "host.cpu_limit", True),
    ("host.kill", "redis.maxmemory_noeviction", True),
    ("host.pause", "postgres.idle_in_transaction", True),
    ("host.pause", "host.cpu_limit", False),
    ("net.latency", "redis.maxmemory_noeviction", False),
    ("postgres.missing_index", "postgres.idle_in_transaction", False),
    # Who looks or undoes would be refused, or would wait.
    *(("redis.clients_exhausted", other, True) for other in REDIS),
    *(("redis.blocking_script", other, True) for other in REDIS),
    ("redis.clients_exhausted", "redis.blocking_script", True),
    ("redis.clients_exhausted", "release.poison_message", True),
    ("redis.clients_exhausted", "host.pause", True),
    ("redis.clients_exhausted", "host.cpu_limit", False),
    ("redis.blocking_script", "net.partition", False),
    # A write would hang, or be refused.
    ("redis.paused_writes", "redis.mass_expiry", True),
    ("redis.paused_writes", "redis.persistence_failing", True),
    ("redis.paused_writes", "redis.acl_changed", False),
    ("redis.persistence_failing", "redis.mass_expiry", True),
    ("redis.persistence_failing", "redis.big_key", True),
    ("redis.maxmemory_noeviction", "redis.mass_expiry", True),
    ("redis.maxmemory_noeviction", "redis.hot_key", False),
    *(("postgres.ghost_synchronous_standby", other, True) for other in WRITERS),
    ("postgres.ghost_synchronous_standby", "release.batch_holds_rows", True),
    ("postgres.ghost_synchronous_standby", "postgres.connections_exhausted", False),
    ("postgres.ghost_synchronous_standby", "postgres.archive_failing", False),
    *(("mysql.global_read_lock", other, True) for other in MYSQL_WRITERS),
    *(("mysql.read_only_source", other, True) for other in MYSQL_WRITERS),
    ("mysql.global_read_lock", "mysql.read_only_source", True),
    ("mysql.global_read_lock", "mysql.commit_delay", False),
    ("mysql.read_only_source", "mysql.connections_exhausted", False),
    # Who has a table locked lets nobody at what belongs to it.
    *(("postgres.access_exclusive_lock", other, True) for other in OF_ORDERS),
    *(("postgres.lock_queue_behind_ddl", other, True) for other in OF_ORDERS),
    *(("release.migration_behind_report", other, True) for other in OF_ORDERS),
    ("postgres.access_exclusive_lock", "postgres.wrong_rows_updated", False),
    ("postgres.access_exclusive_lock", "postgres.autovacuum_off", False),
    ("mysql.metadata_lock", "mysql.idle_transaction_with_row_locks", True),
    ("mysql.metadata_lock", "mysql.invisible_index", True),
    ("mysql.metadata_lock", "mysql.bad_delete", False),
    # One volume, however it is named; one that takes the server down takes along what is in it.
    ("host.disk_filled", "postgres.data_volume_filled", True),
    ("host.disk_filled", "postgres.wal_volume_filled", True),
    ("postgres.wal_volume_filled", "postgres.idle_in_transaction", True),
    ("postgres.wal_volume_filled", "host.kill", True),
    ("postgres.wal_volume_filled", "host.cpu_limit", False),
    ("host.disk_filled", "host.kill", False),
]


class Anything:
    """A victim of whatever kind."""

    name, started_at = "db", "once"

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __getattr__(self, name: str) -> Any:
        raise Looked(name)


class Looked(Exception):
    """The fault was not refused: it began to look at its victim."""


def opened(fault_id: str) -> Record:
    return Record(
        id=f"{fault_id}-1f2e",
        fault=fault_id,
        parameters={},
        target="db",
        receipt={},
        victim_started_at="once",
        prepared_at=0.0,
        phase=Phase.INJECTED,
    )


@pytest.mark.parametrize(("one", "other", "excluded"), PAIRS)
def test_a_fault_is_refused_beside_what_it_would_take_along(
    one: str, other: str, excluded: bool, tmp_path: Path
) -> None:
    for open_id, wanted_id in ((one, other), (other, one)):
        store = Store(folder=tmp_path / open_id)
        store.write(opened(open_id))
        wanted = cast("Any", find(wanted_id)())
        with pytest.raises(Excluded if excluded else (Looked, TypeError)):
            inject(wanted, cast("Any", Anything(wanted.about.kind)), store)
        assert bool(common(touched(wanted), touched(find(open_id)()))) is excluded


@pytest.mark.parametrize("one", [pytest.param(one, id=one_id) for one_id, one in catalogue().items()])
def test_one_that_takes_its_victim_down_takes_along_what_is_in_it(one: Any) -> None:
    inside = any(overlap(name, "rows:orders") for name in one.about.touches if name in (PROCESSES, CONTAINER))
    assert inside or not one.about.takes_down
