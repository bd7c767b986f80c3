"""Somebody paused all clients' writes, and forgot."""

from collections.abc import Mapping
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
        touches=("pause", "writes"),
        lasts="no",
        see="CLIENT LIST: writers with flag b; INFO clients: blocked_clients; nothing in the log, no error",
        fix="CLIENT UNPAUSE",
        ends="when its time is over",
    )

    minutes: int = number(
        60, low=1, high=1440, unit="min", mild=1, severe=1440, means="time after which it ends by itself"
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """A pause has no old value; what is kept tells later whether it ended by itself."""
        now = target.info("everything")
        return {
            "until_ms": _ms(now) + self.minutes * 60_000,
            "life": now["run_id"],
            "unpaused": _unpaused(now),
        }

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Pause them."""
        target.run("CLIENT", "PAUSE", str(self.minutes * 60_000), "WRITE")

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether a write is held."""
        return target.script(PROBE).strip() == "held"

    def ended_itself(self, target: RedisServer, receipt: Receipt) -> str:
        """Its time is over, and nobody ended a pause since it began."""
        now = target.info("everything")
        over = _ms(now) >= int(receipt["until_ms"]) and now["run_id"] == receipt["life"]
        return f"after {self.minutes} min" if over and _unpaused(now) <= int(receipt["unpaused"]) else ""

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Let them go on."""
        target.run("CLIENT", "UNPAUSE")


def _ms(now: Mapping[str, str]) -> int:
    return int(now["server_time_usec"]) // 1000


def _unpaused(now: Mapping[str, str]) -> int:
    """How often the server was told to end a pause."""
    calls = now.get("cmdstat_client|unpause", "calls=0")
    return int(calls.partition("calls=")[2].partition(",")[0])
