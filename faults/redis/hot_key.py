"""Every page view counts the bits of one key."""

import secrets
from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number
from faults.redis import _owned, _traffic
from faults.redis.server import RedisServer

FILL = """
redis.call('SETRANGE', KEYS[1], 0, ARGV[1])
redis.call('SETBIT', KEYS[1], ARGV[2], 1)
"""
OURS = "redis.pcall('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) == ARGV[1]"
BITS_PER_MIB = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class HotKey(Checked):
    """Many clients ask for one key without pause; the one core that serves all is full, and all wait."""

    about: ClassVar[About] = About(
        id="redis.hot_key",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("key:{key}",),
        see="INFO commandstats: usec_per_call; the server's CPU at one core; MONITOR for a second",
        fix="stop or mend the caller: keep the answer for a while instead of asking each time",
        settle_s=60.0,
        instant=False,
    )

    key: str = name("page:visitors", means="key of a bitmap with one bit for each visitor")
    size_mib: int = number(32, low=1, high=64, unit="MiB", mild=2, severe=48, means="size of the bitmap")
    sessions: int = number(8, low=1, high=200, unit="clients", mild=2, severe=32, means="clients that ask")
    program: str = name("visitor-counter", means="name of the clients")
    user: str = name("shop", means="user that they sign in as")

    def prepare(self, target: RedisServer) -> Receipt:
        """Choose names; ForeignState where the key is there already."""
        if target.run("EXISTS", self.key) != "0":
            raise ForeignState(f"{target.name} has a key {self.key} already")
        return {"key": self.key, "mark": secrets.token_hex(8), **_traffic.named(target, self.program)}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Make the bitmap, then let the clients come."""
        last_bit = self.size_mib * BITS_PER_MIB - 1
        target.run("EVAL", FILL, "1", self.key, str(receipt["mark"]), str(last_bit))
        count = f"BITCOUNT {self.key}"
        work = Work(program=self.program, sessions=self.sessions, loop=[count], respawn=True)
        _traffic.begin(target, receipt, self.user, work)
        _traffic.arrived(target, receipt)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether our bitmap is there and its clients are."""
        mark = str(receipt["mark"])
        begins = target.answer("GETRANGE", str(receipt["key"]), "0", str(len(mark) - 1)).text.strip()
        return begins == mark and _traffic.here(target, receipt)

    def revert(self, target: RedisServer, receipt: Receipt) -> str:
        """Remove the clients, and the bitmap if it is ours."""
        _traffic.end(target, receipt)
        return _owned.drop(target, str(receipt["key"]), OURS, str(receipt["mark"]))
