"""Which faults of one container exclude each other."""

from pathlib import Path
from typing import Any, cast

import pytest

from faults.catalog import find
from faults.core import Kind, touched
from faults.errors import Excluded
from faults.lifecycle import inject
from faults.store import Phase, Record, Store
from faults.touches import common, overlap


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("setting:maxmemory", "setting:maxmemory", True),
        ("setting:maxmemory", "setting:maxclients", False),
        ("lock:*", "lock:stock", True),
        ("lock:*", "rows:stock", False),
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
