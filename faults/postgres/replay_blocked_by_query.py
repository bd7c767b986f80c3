"""A report on a replica keeps the replica from replaying."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from faults import actors
from faults.actors import Login, Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import MissingCapability, NoTarget
from faults.parameters import name, number
from faults.postgres import _sessions
from faults.postgres._replication import require_replica
from faults.postgres._system import SystemSetting
from faults.postgres.server import PostgresServer

PATIENCE = SystemSetting(name="max_standby_streaming_delay", value="-1")
BLOCKED = (
    "EXISTS (SELECT FROM pg_stat_activity"
    " WHERE backend_type = 'startup' AND wait_event LIKE 'RecoveryConflict%')"
)


@dataclass(frozen=True, kw_only=True)
class ReplayBlockedByQuery(Checked):
    """A snapshot on the replica needs row versions that the primary has removed; replay waits without end."""

    about: ClassVar[About] = About(
        id="postgres.replay_blocked_by_query",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("setting:max_standby_streaming_delay",),
        lasts="perhaps",
        see="pg_stat_activity on the replica: startup waits for RecoveryConflictSnapshot, and somebody's "
        "backend_xmin is old; replay_lag on the primary says nothing, the distance of LSNs does",
        fix="end the report's session on the replica; a finite max_standby_streaming_delay "
        "(hot_standby_feedback moves the pain to the primary)",
        settle_s=30,
        instant=False,
        on_replica=True,
    )

    program: str = name("report-export", means="application_name of the session on the replica")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("orders", means="table that it reads")
    writer: str = name("crm-sync", means="application_name of a session that writes on the primary")
    written: str = name("customers", means="table that it writes")
    column: str = name("name", means="column that it sets to itself")
    again_s: float = number(
        0.0,
        low=0.0,
        high=3600.0,
        unit="s",
        mild=0.0,
        severe=1.0,
        means="from the end of the report's session to its next; 0: it stays away",
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Find the primary, and choose names."""
        require_replica(target)
        target.login(self.role)
        found = target.rows(
            "SELECT sender_host, sender_port, current_setting('hot_standby_feedback')"
            " FROM pg_stat_wal_receiver"
        )
        if not found:
            raise NoTarget(f"{target.name} receives from no primary now")
        (host, port, feedback), *_ = found
        if feedback == "on":
            raise MissingCapability(
                f"{target.name} has hot_standby_feedback: its primary waits for its readers"
            )
        return {
            **PATIENCE.prepare(target),
            "reader": _sessions.free_name(target, self.program),
            "writer": actors.actor_name(target.container, self.writer),
            "host": host,
            "port": int(port),
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Let replay wait for ever, take a snapshot, and let the primary remove what it needs."""
        PATIENCE.set(target)
        snapshot = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", f"SELECT count(*) FROM {self.table}"]
        login = target.login(self.role)
        away_ms = round(self.again_s * 1000)
        reader = Work(program=self.program, begin=snapshot, transaction=True)
        if away_ms:
            reader = dataclasses.replace(reader, respawn=True, away_ms=away_ms)
        actors.start(target.container, str(receipt["reader"]), login, reader)
        target.wait_for(self._reads(target, receipt), what=f"{self.program} has its snapshot")
        update = f"UPDATE {self.written} SET {self.column} = {self.column} WHERE id = {{random:1:20}}"
        writer = Work(program=self.writer, loop=[update], pause_ms=100, respawn=True)
        actors.start(target.container, str(receipt["writer"]), self._on_primary(login, receipt), writer)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether replay waits, and the report is there; or would, as soon as it comes again."""
        if target.true(f"{BLOCKED} AND {self._reads(target, receipt)}"):
            return True
        comes_back = self.again_s > 0 and actors.running(target.container, str(receipt["reader"]))
        return comes_back and PATIENCE.in_force(target) == "-1"

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """End both sessions, and let replay be as patient as before."""
        actors.stop(target.container, str(receipt["writer"]))
        actors.stop(target.container, str(receipt["reader"]))
        PATIENCE.restore(target, receipt)

    def _on_primary(self, login: Login, receipt: Receipt) -> Login:
        return dataclasses.replace(login, host=str(receipt["host"]), port=int(receipt["port"]))

    def _reads(self, target: PostgresServer, receipt: Receipt) -> str:
        sits = "a.state = 'idle in transaction' AND a.backend_xmin IS NOT NULL"
        return _sessions.of(target, str(receipt["reader"]), self.program, sits)
