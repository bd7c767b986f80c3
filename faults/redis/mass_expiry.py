"""Keys that were written together end together."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import number, text
from faults.redis import _copies
from faults.redis.server import RedisServer

END_AT = """
local now = redis.call('TIME')
local soon = now[1] * 1000 + math.floor(now[2] / 1000) + 1
return redis.call('PEXPIREAT', KEYS[1], math.max(tonumber(ARGV[1]), soon))
"""
"""A key whose end lies in the past already is deleted: then no key has expired, and nothing is counted."""


@dataclass(frozen=True, kw_only=True)
class MassExpiry(Checked):
    """All keys of a pattern expire at one moment: every reader misses at once and asks the database.

    The receipt carries a copy of each key, and the undo brings back those that are missing still, with the
    time that they had left; what the shop has written anew in the meantime stays.
    """

    about: ClassVar[About] = About(
        id="redis.mass_expiry",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("keys:{pattern}",),
        see="INFO stats: a step in expired_keys and keyspace_misses; the database's load",
        fix="let the cache warm, slowly; spread the times to live; one reader refreshes, the others wait",
        ends="once whoever reads the keys has written most of them anew",
    )

    pattern: str = text("product:*", means="pattern of the keys")
    after_ms: int = number(
        1000, low=1, high=600_000, unit="ms", mild=30_000, severe=1, means="time that is left to them"
    )
    most: int = number(5000, low=1, high=50_000, unit="keys", means="more keys than this are refused")

    def prepare(self, target: RedisServer) -> Receipt:
        """Copy the keys; ForeignState where there are none, or too many to carry."""
        copies = _copies.take(target, self.pattern)
        if not copies:
            raise ForeignState(f"{target.name} has no keys {self.pattern}")
        if len(copies) > self.most or max(len(one.dump) for one in copies) > _copies.MOST_BYTES:
            raise ForeignState(f"{target.name}: {len(copies)} keys {self.pattern} are too much for a receipt")
        return {
            "copies": _copies.packed(copies),
            "after_ms": self.after_ms,
            "over_ms": target.now_ms() + self.after_ms,
        }

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Let them end at the same instant; those for which it comes too soon, as soon as can be."""
        end_at = target.run("SCRIPT", "LOAD", END_AT)
        at_ms = target.now_ms() + int(receipt["after_ms"])
        copies = _copies.unpacked(str(receipt["copies"]))
        target.replies([f"EVALSHA {end_at} 1 {one.key} {at_ms}" for one in copies])

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether most of them are missing, or about to be."""
        copies = _copies.unpacked(str(receipt["copies"]))
        left_ms = [int(said.split()[-1]) for said in target.replies([f"PTTL {one.key}" for one in copies])]
        ending = [ms for ms in left_ms if ms == _copies.MISSING or 0 <= ms <= int(receipt["after_ms"])]
        return len(ending) * 2 > len(copies)

    def ended_itself(self, target: RedisServer, receipt: Receipt) -> str:
        """They have expired: who reads them has written them anew, be it the shop or a script that warms."""
        return "the keys were written anew" if target.now_ms() > int(receipt["over_ms"]) else ""

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Bring back what is missing, and give what is about to end its time back."""
        _copies.put_back(target, _copies.unpacked(str(receipt["copies"])))
