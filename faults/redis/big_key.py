"""A set grew and grew, and one client sorts all of it."""

from dataclasses import dataclass
from typing import ClassVar

from faults import tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number
from faults.redis import _owned, _traffic
from faults.redis.server import RedisServer

AT_ONCE = 100_000
FILL = """
redis.call('SADD', KEYS[1], ARGV[1])
for from = tonumber(ARGV[2]), tonumber(ARGV[3]), 1000 do
  local some, last = {}, math.min(from + 999, tonumber(ARGV[3]))
  for i = from, last do some[#some + 1] = 'customer' .. i .. '@mail.example' end
  redis.call('SADD', KEYS[1], unpack(some))
end
"""
OURS = "redis.pcall('SISMEMBER', KEYS[1], ARGV[1]) == 1"


@dataclass(frozen=True, kw_only=True)
class BigKey(Checked):
    """One set with very many members that a client sorts again and again: all others wait meanwhile."""

    about: ClassVar[About] = About(
        id="redis.big_key",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("key:{key}",),
        see="SLOWLOG GET; redis-cli --bigkeys, --memkeys; MEMORY USAGE; CLIENT LIST: cmd of who asks",
        fix="UNLINK the key (DEL holds all others up once more), and keep what it held in parts",
        settle_s=60.0,
        instant=False,
    )

    key: str = name("newsletter:subscribers", means="key of the set")
    members: int = number(
        100_000, low=1000, high=3_000_000, unit="members", mild=20_000, severe=1_000_000, means="its size"
    )
    pause_ms: int = number(20, low=0, high=60_000, unit="ms", means="wait of the client between two turns")
    program: str = name("newsletter", means="name of the client")
    user: str = name("admin", means="user that it signs in as")

    def prepare(self, target: RedisServer) -> Receipt:
        """Choose names; ForeignState where the key is there already."""
        if target.run("EXISTS", self.key) != "0":
            raise ForeignState(f"{target.name} has a key {self.key} already")
        mark = f"customer{tags.random_part()}@mail.example"
        return {"key": self.key, "mark": mark, **_traffic.named(target, self.program)}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Fill the set, then let the client come."""
        for first in range(1, self.members + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, self.members)
            target.run("EVAL", FILL, "1", self.key, str(receipt["mark"]), str(first), str(last))
        sort = f"SORT_RO {self.key} ALPHA LIMIT 0 20"
        work = Work(program=self.program, loop=[sort], pause_ms=self.pause_ms, respawn=True)
        _traffic.begin(target, receipt, self.user, work)
        _traffic.arrived(target, receipt)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether our set is there, as big, and somebody sorts it."""
        key = str(receipt["key"])
        ours = target.answer("SISMEMBER", key, str(receipt["mark"])).text.strip() == "1"
        return ours and int(target.run("SCARD", key)) >= self.members / 2 and _traffic.here(target, receipt)

    def revert(self, target: RedisServer, receipt: Receipt) -> str:
        """Remove the client, and the set if it is ours."""
        _traffic.end(target, receipt)
        return _owned.drop(target, str(receipt["key"]), OURS, str(receipt["mark"]))
