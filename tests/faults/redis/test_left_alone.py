"""What a person did in the meantime, and what was there before, is left alone."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from faults.errors import ForeignState, NoTarget
from faults.lifecycle import inject, revert
from faults.redis.acl_changed import AclChanged
from faults.redis.big_key import BigKey
from faults.redis.blocking_script import BlockingScript
from faults.redis.hot_key import HotKey
from faults.redis.keys_traffic import KeysTraffic
from faults.redis.mass_expiry import MassExpiry
from faults.redis.maxmemory_noeviction import MaxmemoryNoeviction
from faults.redis.replica_link_broken import ReplicaLinkBroken
from faults.store import Store
from tests.faults.redis.server import Redis, primary
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker


@pytest.fixture
def server(yard: Yard) -> Iterator[Redis]:
    """The primary, with the settings that it has after a start."""
    server = primary(yard)
    yield server
    server.restart()


def test_a_third_value_stays_and_what_is_ours_goes(server: Redis, store: Store) -> None:
    fault = MaxmemoryNoeviction()
    record = inject(fault, server.target, store)
    server.run("CONFIG", "SET", "maxmemory", "99mb", user="oncall")
    revert(fault, server.target, store, record)
    now = server.target.settings("maxmemory", "maxmemory-policy")
    assert now == {"maxmemory": str(99 * 1024**2), "maxmemory-policy": "volatile-lru"}


def test_a_user_gets_back_exactly_the_rights_it_had(server: Redis, store: Store) -> None:
    fault, before = AclChanged(), server.run("ACL", "LIST", user="admin")
    revert(fault, server.target, store, inject(fault, server.target, store))
    assert server.run("ACL", "LIST", user="admin") == before


def test_keys_come_back_with_value_and_time_and_new_values_stay(server: Redis, store: Store) -> None:
    fault = MassExpiry(pattern="cart:*", after_ms=1)
    server.run("HSET", 'cart:"quoted" and spaced', "7", "2")
    server.run("EXPIRE", 'cart:"quoted" and spaced', 3000)
    server.run("SET", "cart:for-ever", "\x01\n\t\\é")
    server.run("SET", "cart:anew", "old")
    record = inject(fault, server.target, store)
    server.run("SET", "cart:anew", "new")
    revert(fault, server.target, store, record)
    assert server.run("HGETALL", 'cart:"quoted" and spaced') == {"7": "2"}
    assert 2000 < server.run("TTL", 'cart:"quoted" and spaced') <= 3000
    assert server.run("GET", "cart:for-ever") == "\x01\n\t\\é"
    assert server.run("TTL", "cart:for-ever") == -1
    assert server.run("GET", "cart:anew") == "new"


def test_a_key_of_that_name_is_somebodys(server: Redis, store: Store) -> None:
    server.run("SADD", "newsletter:subscribers", "a", user="oncall")
    try:
        with pytest.raises(ForeignState, match="newsletter:subscribers already"):
            inject(BigKey(), server.target, store)
        assert server.run("SCARD", "newsletter:subscribers", user="oncall") == 1
    finally:
        server.run("DEL", "newsletter:subscribers", user="oncall")


SOMEBODYS: list[tuple[Any, str, tuple[str, ...], tuple[str, ...], Any]] = [
    (BigKey(members=1000), "newsletter:subscribers", ("SADD", "a"), ("SCARD",), 1),
    (BigKey(members=1000), "newsletter:subscribers", ("RPUSH", "a"), ("LLEN",), 1),
    (HotKey(size_mib=1, sessions=1), "page:visitors", ("SET", "a"), ("GET",), "a"),
    (KeysTraffic(keys=1000, sessions=1), "visit:archive:7", ("HSET", "a", "b"), ("HLEN",), 1),
]


@pytest.mark.parametrize(
    ("fault", "key", "write", "read", "value"), SOMEBODYS, ids=["set", "list", "bitmap", "many"]
)
def test_a_key_that_somebody_made_in_the_meantime_survives(
    server: Redis, store: Store, fault: Any, key: str, write: Sequence[str], read: Sequence[str], value: Any
) -> None:
    record = inject(fault, server.target, store)
    server.run("DEL", key, user="oncall")
    server.run(write[0], key, *write[1:], user="oncall")
    try:
        assert revert(fault, server.target, store, record).left.startswith("left alone, as somebody else's: ")
        assert server.run(*read, key, user="oncall") == value
        assert server.run("EXISTS", "visit:archive:8", user="oncall") == 0
    finally:
        server.run("DEL", key, user="oncall")


def test_a_client_of_the_same_name(server: Redis, store: Store) -> None:
    fault = BlockingScript(run_s=0.5)
    record = inject(fault, server.target, store)
    with server.client() as theirs:
        theirs.client_setname(fault.program)
        revert(fault, server.target, store, record)
        assert theirs.ping()  # it goes on
    assert store.open() == ()


def test_a_primary_has_no_link_to_break(server: Redis, store: Store) -> None:
    with pytest.raises(NoTarget, match="is no replica"):
        inject(ReplicaLinkBroken(), server.target, store)
    assert store.open() == ()
