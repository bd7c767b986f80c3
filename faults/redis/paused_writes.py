"""Somebody paused all clients' writes, and forgot."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import number
from faults.redis.server import RedisServer

PROBE = """
redis-cli --user admin PUBLISH health ok >/dev/null & writer=$!
while kill -0 $writer 2>/dev/null; do
  if redis-cli --user admin CLIENT LIST | grep "cmd=publish .*user=admin" | grep -q " flags=[A-Za-z]*b"; then
    kill $writer; echo held; exit
  fi
done
echo free
"""
"""Redis tells nobody that it is paused: what counts as a write and changes nothing is held, or it is not."""


@dataclass(frozen=True, kw_only=True)
class PausedWrites(Checked):
    """`CLIENT PAUSE … WRITE`: reads are served, each write hangs until its client gives up."""

    about: ClassVar[About] = About(
        id="redis.paused_writes",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("pause",),
        see="CLIENT LIST: writers with flag b; INFO clients: blocked_clients; nothing in the log, no error",
        fix="CLIENT UNPAUSE",
    )

    minutes: int = number(
        60, low=1, high=1440, unit="min", mild=1, severe=1440, means="time after which it ends by itself"
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Nothing is kept: a pause has no old value."""
        return {}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Pause them."""
        target.run("CLIENT", "PAUSE", str(self.minutes * 60_000), "WRITE")

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether a write is held."""
        return target.script(PROBE).strip() == "held"

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Let them go on."""
        target.run("CLIENT", "UNPAUSE")
