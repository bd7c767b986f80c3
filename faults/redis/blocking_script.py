"""A script that takes its time, while nobody else is served."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed
from faults.parameters import name, number
from faults.redis import _traffic
from faults.redis.server import RedisServer

SCORES = """
local stop, score = os.clock() + tonumber(ARGV[1]), 0
repeat
  local key = redis.call('RANDOMKEY') or ''
  for i = 1, 10000 do score = (score * 31 + #key + i) % 65521 end
until os.clock() > stop
return score
"""


@dataclass(frozen=True, kw_only=True)
class BlockingScript(Checked):
    """A job runs one Lua script after the other, each for seconds: all hang, then read BUSY.

    Every script ends by itself, and writes nothing, so that it can be killed.
    """

    about: ClassVar[About] = About(
        id="redis.blocking_script",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("scripts", "answers"),
        lasts="no",
        see="clients read BUSY; SLOWLOG GET: eval and whose; CLIENT LIST between two runs",
        fix="SCRIPT KILL ends one run; CLIENT KILL of the job, or its roll-back, ends them all; no SHUTDOWN",
        settle_s=60.0,
    )

    run_s: float = number(8.0, low=0.5, high=60.0, unit="s", mild=1, severe=30, means="how long a run takes")
    pause_ms: int = number(2000, low=0, high=600_000, unit="ms", means="wait of the job between two runs")
    program: str = name("score-products", means="name of the job")
    user: str = name("admin", means="user that it signs in as")

    def prepare(self, target: RedisServer) -> Receipt:
        """Choose the job's names."""
        return _traffic.named(target, self.program)

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Start the job."""
        line = f'EVAL "{SCORES}" 0 {self.run_s:g}'
        work = Work(program=self.program, loop=[line], pause_ms=self.pause_ms)
        _traffic.begin(target, receipt, self.user, work)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether the server is busy with a script, or the job is there for its next."""
        try:
            return _traffic.here(target, receipt)
        except ExecFailed as error:
            if "BUSY" in str(error):
                return True
            raise

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Remove the job, and end the script that it left running."""
        _traffic.end(target, receipt)
        target.answer("SCRIPT", "KILL")
