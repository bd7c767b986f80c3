"""A replica is kept behind on purpose."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import number
from faults.postgres._replication import require_replica
from faults.postgres._system import SystemSetting
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class ApplyDelay(Checked):
    """`recovery_min_apply_delay`: each commit becomes visible on the replica so much later."""

    about: ClassVar[About] = About(
        id="postgres.apply_delay",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("setting:recovery_min_apply_delay",),
        see="pg_stat_activity on the replica: the startup process waits for RecoveryApplyDelay",
        fix="ALTER SYSTEM RESET recovery_min_apply_delay on the replica and reload: it catches up at once",
        on_replica=True,
    )

    delay_min: int = number(10, low=1, high=1440, unit="min", mild=1, severe=60, means="how far behind")

    @property
    def _setting(self) -> SystemSetting:
        return SystemSetting(name="recovery_min_apply_delay", value=f"{self.delay_min}min")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the old delay."""
        require_replica(target)
        return self._setting.prepare(target)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set it."""
        self._setting.set(target)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether this delay is in force on what is still a replica."""
        ms = quoted(str(self.delay_min * 60_000))
        return target.true(
            "pg_is_in_recovery() AND"
            f" (SELECT reset_val FROM pg_settings WHERE name = 'recovery_min_apply_delay') = {ms}"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set the old delay again."""
        self._setting.restore(target, receipt)
