"""The memory limit was lowered, and keys of all kinds are evicted to fit it."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import choice, number
from faults.redis import _settings
from faults.redis.server import RedisServer


@dataclass(frozen=True, kw_only=True)
class EvictionStorm(Checked):
    """`maxmemory` below what is used, under `allkeys-lru`: keys vanish, and go on vanishing as new ones come.

    *lasting*: the server's own file says so too, as after a change meant to stay: a restart keeps it.
    The undo gives the settings back, not the keys. Cached values are read from the database again; evicted
    sessions and carts are a real loss that customers meet.
    """

    about: ClassVar[About] = About(
        id="redis.eviction_storm",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("setting:maxmemory", "setting:maxmemory-policy", "file:redis.conf"),
        lasts="{lasting}",
        see="INFO stats: evicted_keys, keyspace_misses; used_memory at maxmemory; the database's load",
        fix="CONFIG SET maxmemory back, and volatile-lru; CONFIG REWRITE; no restart, no FLUSHALL",
    )

    keep_ratio: float = number(
        0.3,
        low=0.0,
        high=0.95,
        unit="of the keys' memory",
        mild=0.8,
        severe=0.05,
        means="part of the keys that still fits",
    )
    lasting: str = choice(
        "no", "no", "yes", means="whether it is in the server's file too", mild="no", severe="yes"
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Remember limit and policy, and choose the limit; ForeignState where no key could be evicted."""
        memory = {key: value for key, value in target.info("memory").items() if value.isdecimal()}
        used, bare = int(memory["used_memory"]), int(memory["used_memory_startup"])
        bare += int(memory["mem_clients_normal"]) + int(memory["mem_aof_buffer"])
        if target.run("DBSIZE") == "0" or used <= bare:
            raise ForeignState(f"{target.name} holds no keys that could be evicted")
        limit = bare + int((used - bare) * self.keep_ratio)
        wanted = {"maxmemory": str(limit), "maxmemory-policy": "allkeys-lru"}
        server = target.info("server")["run_id"]
        return {**_settings.remember(target, wanted), "evicted": _evicted(target), "server": server}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Set both at once, and write them down where they are to last."""
        _settings.apply(target, receipt)
        if self.lasting == "yes":
            _settings.write_file(target)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether our limit and policy stand and keys were evicted since; a server anew counts from 0."""
        if not _settings.hold(target, receipt):
            return False
        again = target.info("server")["run_id"] != receipt["server"]
        return again or _evicted(target) > int(receipt["evicted"])

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Give back limit and policy, in the file as well; there, what a person has set by then stays too."""
        _settings.restore(target, receipt)
        if self.lasting == "yes":
            _settings.write_file(target)


def _evicted(target: RedisServer) -> int:
    return int(target.info("stats")["evicted_keys"])
