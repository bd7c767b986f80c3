"""Deadlocks are no longer found: both sides wait until they give up."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql import _variables as variables
from faults.mysql.server import MysqlServer
from faults.parameters import name, number

DETECT = "innodb_deadlock_detect"


@dataclass(frozen=True, kw_only=True)
class DeadlockDetectionOff(Checked):
    """`innodb_deadlock_detect=OFF` under crossing updates: 1205 after a long wait, not 1213 at once."""

    about: ClassVar[About] = About(
        id="mysql.deadlock_detection_off",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=(f"setting:{DETECT}",),
        lasts="{persist}",
        see="error 1205 in pairs, each blocked by the other in sys.innodb_lock_waits; lock_deadlocks stands"
        " still; SELECT @@innodb_deadlock_detect",
        fix="SET GLOBAL innodb_deadlock_detect = ON: the next look breaks the waiting cycles; RESET PERSIST."
        " A shorter innodb_lock_wait_timeout fails honest waiters too",
    )

    program: str = name("stock-sync", means="program_name of the traffic that crosses")
    role: str = name("shop", means="role that it signs in as")
    sessions: int = number(
        6,
        low=0,
        high=64,
        unit="sessions",
        mild=0,
        severe=24,
        means="sessions that cross; 0: the application's do",
    )
    rows: int = number(
        6, low=2, high=500, unit="rows", means="rows that they update, two in each transaction"
    )
    persist: str = variables.persist("yes")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the setting, choose the traffic's name."""
        setting = variables.remember(target, {DETECT: "OFF"})
        return {**setting, "actor": _sessions.free_name(target, self.program), "program": self.program}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it, and start the traffic."""
        variables.put(target, DETECT, "OFF", self.persist)
        if not self.sessions:
            return
        update = f"UPDATE stock SET reserved = reserved WHERE product_id = {{random:1:{self.rows}}}"
        work = Work(
            program=self.program,
            sessions=self.sessions,
            loop=[update, update],
            transaction=True,
            within_ms=20,
            pause_ms=100,
            respawn=True,
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether nobody looks for deadlocks."""
        return variables.held(target, receipt, DETECT)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the traffic, look for deadlocks again."""
        _sessions.end(target, str(receipt["actor"]), str(receipt["program"]))
        variables.give_back(target, receipt, DETECT)
