"""A replica receives, and replays nothing."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.postgres._replication import require_replica
from faults.postgres.server import PostgresServer

PAUSED = "pg_is_in_recovery() AND pg_get_wal_replay_pause_state() <> 'not paused'"


@dataclass(frozen=True, kw_only=True)
class ReplayPaused(Checked):
    """`pg_wal_replay_pause()` that nobody resumed: WAL arrives, what is read on the replica grows old."""

    about: ClassVar[About] = About(
        id="postgres.replay_paused",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("replay",),
        lasts="no",
        see="pg_get_wal_replay_pause_state(); replay_lsn behind, flush_lsn not; the age of a heartbeat row",
        fix="pg_wal_replay_resume() on the replica",
        on_replica=True,
        one_strength="a replica replays or does not",
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Make sure that it is a replica that replays."""
        require_replica(target)
        if target.true(PAUSED):
            raise ForeignState(f"{target.name}: replay is paused already")
        return {}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Pause it."""
        target.run("SELECT pg_wal_replay_pause()")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it is paused, or about to be."""
        return target.true(f"CASE WHEN pg_is_in_recovery() THEN {PAUSED} ELSE false END")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Resume, where it is still a replica."""
        target.run("SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_replay_resume() END")
