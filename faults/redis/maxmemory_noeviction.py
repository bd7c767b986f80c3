"""The memory limit is reached, and nothing may be evicted."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import number
from faults.redis import _settings
from faults.redis.server import RedisServer


@dataclass(frozen=True, kw_only=True)
class MaxmemoryNoeviction(Checked):
    """`maxmemory` below what is used, under `noeviction`: reads go on, every write is refused with OOM."""

    about: ClassVar[About] = About(
        id="redis.maxmemory_noeviction",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("setting:maxmemory", "setting:maxmemory-policy", "keys:*"),
        lasts="no",
        see="INFO memory: used_memory over maxmemory, maxmemory_policy; INFO errorstats: errorstat_OOM",
        fix="CONFIG SET maxmemory to what the container bears; then the policy. FLUSHALL loses every session",
    )

    ratio: float = number(
        0.9,
        low=0.05,
        high=0.99,
        unit="of the memory used",
        mild=0.97,
        severe=0.5,
        means="limit, as a part of what is used now",
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Remember limit and policy, and choose the limit."""
        limit = int(_counted(target) * self.ratio)
        return _settings.remember(target, {"maxmemory": str(limit), "maxmemory-policy": "noeviction"})

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Set both at once: a low limit under another policy would evict."""
        _settings.apply(target, receipt)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether our limit and policy stand and more than that is used."""
        limit = int(receipt[_settings.OURS + "maxmemory"])
        return _settings.hold(target, receipt) and _counted(target) > limit

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Give back limit and policy."""
        _settings.restore(target, receipt)


def _counted(target: RedisServer) -> int:
    """The bytes that count against the limit."""
    memory = target.info("memory")
    return int(memory["used_memory"]) - int(memory["mem_not_counted_for_evict"])
