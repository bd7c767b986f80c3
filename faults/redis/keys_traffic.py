"""Somebody's script lists all keys, over and over."""

from dataclasses import dataclass
from typing import ClassVar

from faults import tags
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number
from faults.redis import _traffic
from faults.redis.server import RedisServer

AT_ONCE = 100_000
"""So many keys a script makes or drops in a second or two, below the limit from which others read BUSY."""
FILL = "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('SET', KEYS[1] .. ':' .. i, ARGV[3]) end"
DROP = """
local left = 0
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local key = KEYS[1] .. ':' .. i
  if redis.pcall('GET', key) == ARGV[3] then redis.call('UNLINK', key) end
  left = left + redis.call('EXISTS', key)
end
return left
"""


@dataclass(frozen=True, kw_only=True)
class KeysTraffic(Checked):
    """`KEYS` on very many keys, without pause: each one looks at all of them while everybody waits."""

    about: ClassVar[About] = About(
        id="redis.keys_traffic",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("keys:{prefix}",),
        lasts="no",
        see="SLOWLOG GET: keys; INFO commandstats; CLIENT LIST: cmd=keys, its name and address",
        fix="CLIENT KILL the caller; SCAN instead of KEYS; -@dangerous for its user",
        settle_s=60.0,
        instant=False,
    )

    prefix: str = name("visit:archive", means="what the names of the many keys begin with")
    keys: int = number(
        100_000,
        low=1000,
        high=1_000_000,
        unit="keys",
        mild=20_000,
        severe=600_000,
        means="how many there are",
    )
    sessions: int = number(
        2, low=1, high=32, unit="clients", mild=1, severe=8, means="clients that list them"
    )
    program: str = name("visit-report", means="name of the clients")
    user: str = name("admin", means="user that they sign in as")

    def prepare(self, target: RedisServer) -> Receipt:
        """Choose names; ForeignState where such keys are there already."""
        if target.run("EXISTS", f"{self.prefix}:1") != "0":
            raise ForeignState(f"{target.name} has keys {self.prefix}:… already")
        named = _traffic.named(target, self.program)
        return {"prefix": self.prefix, "keys": self.keys, "mark": tags.random_part(), **named}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Make the keys, then let the clients come."""
        self._all(target, receipt, FILL)
        listing = f"KEYS {self.prefix}:*:pending"
        work = Work(program=self.program, sessions=self.sessions, loop=[listing])
        _traffic.begin(target, receipt, self.user, work)
        _traffic.arrived(target, receipt, self.sessions)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether the many keys are there and somebody lists them."""
        last = f"{receipt['prefix']}:{receipt['keys']}"
        return target.answer("GET", last).text.strip() == receipt["mark"] and _traffic.here(target, receipt)

    def revert(self, target: RedisServer, receipt: Receipt) -> str:
        """Remove the clients, and those keys that are ours."""
        _traffic.end(target, receipt)
        left = sum(int(count) for count in self._all(target, receipt, DROP))
        return tags.left_alone(f"{left} keys {receipt['prefix']}:… of {target.name}") if left else ""

    def _all(self, target: RedisServer, receipt: Receipt, script: str) -> list[str]:
        """What the script answers for each portion of the keys."""
        said = []
        count = int(receipt["keys"])
        for first in range(1, count + 1, AT_ONCE):
            last = min(first + AT_ONCE - 1, count)
            words = (str(receipt["prefix"]), str(first), str(last), str(receipt["mark"]))
            said.append(target.run("EVAL", script, "1", *words))
        return said
