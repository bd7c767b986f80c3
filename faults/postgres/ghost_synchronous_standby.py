"""Every commit waits for a standby that does not exist."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name
from faults.postgres._replication import require_primary
from faults.postgres._system import SystemSetting
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class GhostSynchronousStandby(Checked):
    """`synchronous_standby_names` asks for a standby that nobody is: reads are served, commits hang."""

    about: ClassVar[About] = About(
        id="postgres.ghost_synchronous_standby",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("setting:synchronous_standby_names", "writes"),
        see="pg_stat_activity: wait_event SyncRep; pg_stat_replication has no sync_state 'sync' by that name",
        fix="bring that standby back, or ALTER SYSTEM RESET synchronous_standby_names and reload; cancelling "
        "those who wait leaves their rows committed here and nowhere else",
        one_strength="a commit waits for the standby without end, or not at all",
    )

    standby: str = name("replica_b", means="application_name of the standby that is asked for")

    @property
    def _setting(self) -> SystemSetting:
        return SystemSetting(name="synchronous_standby_names", value=self.standby)

    def prepare(self, target: PostgresServer) -> Receipt:
        """Make sure that nobody is that standby."""
        require_primary(target)
        if target.true(f"EXISTS (SELECT FROM pg_stat_replication WHERE {self._is_it})"):
            raise ForeignState(f"{target.name} has a standby {self.standby}")
        return self._setting.prepare(target)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Ask for it."""
        self._setting.set(target)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it is asked for and not there."""
        return target.true(
            f"(SELECT reset_val FROM pg_settings WHERE name = 'synchronous_standby_names')"
            f" = {quoted(self.standby)}"
            f" AND NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND {self._is_it})"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Ask for what was asked for before."""
        self._setting.restore(target, receipt)

    @property
    def _is_it(self) -> str:
        return f"application_name = {quoted(self.standby)}"
