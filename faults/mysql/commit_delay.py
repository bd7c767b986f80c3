"""Every commit waits, for the sake of throughput that nobody needs."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _variables as variables
from faults.mysql.server import MysqlServer
from faults.parameters import number

DELAY = "binlog_group_commit_sync_delay"


@dataclass(frozen=True, kw_only=True)
class CommitDelay(Checked):
    """`binlog_group_commit_sync_delay`: each commit waits that long for others to share its fsync with."""

    about: ClassVar[About] = About(
        id="mysql.commit_delay",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=(f"setting:{DELAY}",),
        lasts="{persist}",
        see="every write slow by the same time, with no lock, no CPU and no disk behind it;"
        " SHOW GLOBAL VARIABLES LIKE 'binlog_group%'; performance_schema.persisted_variables",
        fix="SET GLOBAL binlog_group_commit_sync_delay = 0 at once, and RESET PERSIST of the same",
    )

    delay_us: int = number(
        400_000,
        low=1,
        high=1_000_000,
        unit="µs",
        mild=50_000,
        severe=1_000_000,
        means="how long a commit waits",
    )
    persist: str = variables.persist("yes")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember the delay that there is."""
        return variables.remember(target, {DELAY: str(self.delay_us)})

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it."""
        variables.put(target, DELAY, str(receipt[DELAY]), self.persist)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the delay is exactly this."""
        return variables.held(target, receipt, DELAY)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it back, unless a person has set another."""
        variables.give_back(target, receipt, DELAY)
