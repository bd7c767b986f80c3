"""The replica holds everything back on purpose."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.mysql import _replication
from faults.mysql.server import MysqlServer
from faults.parameters import number

DELAY = "SELECT DESIRED_DELAY FROM performance_schema.replication_applier_configuration"


@dataclass(frozen=True, kw_only=True)
class DelayedReplica(Checked):
    """`SOURCE_DELAY`: the replica applies each transaction that long after it was committed."""

    about: ClassVar[About] = About(
        id="mysql.delayed_replica",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("replication:delay",),
        see="SHOW REPLICA STATUS: SQL_Delay, SQL_Remaining_Delay, both threads running, no error",
        fix="STOP REPLICA SQL_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0; START REPLICA: what was"
        " held back is applied at once",
        on_replica=True,
    )

    delay_s: int = number(
        600, low=1, high=86_400, unit="s", mild=10, severe=3600, means="how long the replica waits"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the delay that there is; NoTarget where the server is no replica."""
        if not target.rows(DELAY):
            raise NoTarget(f"{target.name} is no replica")
        return {"was": int(target.value(DELAY)), "delay": self.delay_s, "source": target.source_host}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it."""
        self._set(target, int(receipt["delay"]))

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the delay is exactly this."""
        return target.value(DELAY) == str(receipt["delay"])

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it back, unless a person has set another."""
        if self.active(target, receipt):
            self._set(target, int(receipt["was"]))

    def _set(self, target: MysqlServer, delay_s: int) -> None:
        change = f"CHANGE REPLICATION SOURCE TO SOURCE_DELAY = {delay_s}"
        _replication.with_applier_stopped(target, change)
