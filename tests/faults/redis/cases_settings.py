"""Redis refuses, forgets or holds what the shop writes: a setting, a right, a pause."""

from faults.redis.acl_changed import AclChanged
from faults.redis.eviction_storm import EvictionStorm
from faults.redis.maxmemory_noeviction import MaxmemoryNoeviction
from faults.redis.paused_writes import PausedWrites
from tests.faults.laws import Case
from tests.faults.redis.server import Redis, primary
from tests.faults.redis.shop import misses, signs_in, warm, write_hangs
from tests.faults.strengths import End


def more_memory(server: Redis) -> None:
    """On call gives the server the memory that it needs."""
    server.run("CONFIG", "SET", "maxmemory", "100mb", user="oncall")


def more_memory_and_warm(server: Redis) -> None:
    """On call gives memory back, and the cache fills again."""
    more_memory(server)
    warm(server)


def more_memory_for_good(server: Redis) -> None:
    """On call gives memory back, in the server's file too."""
    more_memory_and_warm(server)
    server.run("CONFIG", "REWRITE", user="oncall")


CASES = [
    Case(
        fault=MaxmemoryNoeviction(),
        server=primary,
        before=warm,
        felt=signs_in,
        expects="^OutOfMemory",
        by_hand=more_memory,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=EvictionStorm(),
        server=primary,
        before=warm,
        felt=misses,
        expects="^(all|some) missed: evicted$",
        by_hand=more_memory_and_warm,
        after=warm,
        restart_ends=True,
    ),
    Case(
        fault=EvictionStorm(lasting="yes"),
        variant="lasting",
        server=primary,
        before=warm,
        felt=misses,
        expects="^(all|some) missed: evicted$",
        by_hand=more_memory_for_good,
        after=warm,
        restart_ends=False,
    ),
    Case(
        fault=PausedWrites(),
        server=primary,
        felt=write_hangs,
        expects="^held$",
        by_hand=lambda server: server.run("CLIENT", "UNPAUSE", user="oncall"),
        restart_ends=True,
    ),
    Case(
        fault=AclChanged(),
        server=primary,
        felt=signs_in,
        expects="^NoPermission",
        mild=End(expects="^Authentication"),
        by_hand=lambda server: server.run("ACL", "SETUSER", "shop", "+@write", user="admin"),
        restart_ends=True,
    ),
    Case(
        fault=AclChanged(change="off"),
        variant="off",
        server=primary,
        felt=signs_in,
        expects="^Authentication",
        by_hand=lambda server: server.run("ACL", "SETUSER", "shop", "on", user="admin"),
        restart_ends=True,
    ),
]
