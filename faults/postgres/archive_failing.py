"""The archive of the write-ahead log takes nothing any more."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import MissingCapability
from faults.parameters import text
from faults.postgres._system import SystemSetting
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class ArchiveFailing(Checked):
    """`archive_command` that fails: segments are kept, and no recovery reaches past them."""

    about: ClassVar[About] = About(
        id="postgres.archive_failing",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("setting:archive_command",),
        see="pg_stat_archiver: failed_count, last_failed_time; .ready files of pg_ls_archive_statusdir()",
        fix="mend the command (or what it writes to) and reload: the archiver catches up by itself",
        settle_s=30.0,
        one_strength="an archive takes segments or none; what that costs grows with time alone",
    )

    command: str = text(
        "test ! -f /srv/wal-archive/%f && cp %p /srv/wal-archive/%f", means="the command that fails"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the old command."""
        if target.value("SHOW archive_mode") == "off":
            raise MissingCapability(f"{target.name} has archive_mode = off, which only a restart changes")
        return self._setting().prepare(target)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set it, and end a segment so that there is something to archive."""
        self._setting().set(target)
        target.run("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the command is in force, and the archiver's latest try failed."""
        return self._setting().written(target) == self.command and target.true(
            "EXISTS (SELECT FROM pg_stat_archiver WHERE last_failed_time"
            " > coalesce(last_archived_time, '-infinity'))"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set the old command again; the archiver catches up."""
        self._setting().restore(target, receipt)

    def _setting(self) -> SystemSetting:
        return SystemSetting(name="archive_command", value=self.command)
