"""What the settings that are stored for a role or a database have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from faults.core import Checked, Receipt
from faults.errors import ForeignState
from faults.parameters import choice, name, text
from faults.postgres.server import PostgresServer, quoted

ORDINARY_SESSION = "backend_type = 'client backend' AND NOT pg_has_role(usesysid, 'pg_monitor', 'member')"
"""SQL: a session of neither a superuser nor a DBA nor a watcher."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose setting it is: its catalogue row, how it is altered, and which sessions work under it."""

    row: str
    alter: str
    sessions: str


def of_role(role: str) -> Owner:
    """The setting of a role, in whatever database."""
    row = f"setdatabase = 0 AND setrole = (SELECT oid FROM pg_roles WHERE rolname = {quoted(role)})"
    return Owner(row=row, alter=f"ALTER ROLE {role}", sessions=f"usename = {quoted(role)}")


def of_database(database: str) -> Owner:
    """The setting of a database, for whatever role."""
    row = f"setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = {quoted(database)})"
    sessions = f"datname = {quoted(database)} AND {ORDINARY_SESSION}"
    return Owner(row=row, alter=f"ALTER DATABASE {database}", sessions=sessions)


@dataclass(frozen=True, kw_only=True)
class StoredSetting(Checked):
    """Base: `ALTER … SET`, seen in pg_db_role_setting."""

    setting: str = name("statement_timeout", means="name of the setting")
    value: str = text("40ms", mild="1s", severe="5ms", means="what it is set to")
    sessions: str = choice(
        "ended",
        "kept",
        "ended",
        mild="kept",
        severe="ended",
        means="what becomes of the sessions that are there: they keep the old value until they are ended",
    )

    def owner(self) -> Owner:
        """Whose setting it is."""
        raise NotImplementedError

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the value that is stored; empty where there is none."""
        was = self._now(target)
        if was == self.value:
            raise ForeignState(f"{target.name}: {self.setting} is {was!r} there already")
        return {"was": was}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set it, and let the clients sign in again."""
        target.run(f"{self.owner().alter} SET {self.setting} = {quoted(self.value)}")
        self._end_sessions(target)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether exactly this value is stored."""
        return self._now(target) == self.value

    def revert(self, target: PostgresServer, receipt: Mapping[str, str | int | float]) -> None:
        """Store the old value again, unless a person has stored another; who has ours signs in again."""
        if not self.active(target, receipt):
            return
        was, alter = str(receipt["was"]), self.owner().alter
        target.run(f"{alter} SET {self.setting} = {quoted(was)}" if was else f"{alter} RESET {self.setting}")
        self._end_sessions(target)

    def _end_sessions(self, target: PostgresServer) -> None:
        """A session keeps the value that it began with."""
        if self.sessions == "ended":
            target.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {self.owner().sessions}"
            )

    def _now(self, target: PostgresServer) -> str:
        return target.value(
            "SELECT substr(one, strpos(one, '=') + 1) FROM pg_db_role_setting, unnest(setconfig) one"
            f" WHERE {self.owner().row} AND split_part(one, '=', 1) = {quoted(self.setting)}"
        )
