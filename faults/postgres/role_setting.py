"""A role's own setting went wrong."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name, text
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class RoleSetting(Checked):
    """`ALTER ROLE … SET`: new sessions of the role work under a setting that hurts them."""

    about: ClassVar[About] = About(
        id="postgres.role_setting",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role-setting:{role}:{setting}",),
        see="pg_db_role_setting; in a session of the role, pg_settings.source = 'user'",
        fix="ALTER ROLE … RESET …, then new sessions (ALTER SYSTEM has lower precedence)",
    )

    role: str = name("shop", means="role that gets the setting")
    setting: str = name("statement_timeout", means="name of the setting")
    value: str = text("40ms", means="what it is set to")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the value that the role has; empty where it has none."""
        return {"was": self._now(target), "role": self.role, "setting": self.setting, "value": self.value}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set it."""
        target.run(f"ALTER ROLE {self.role} SET {self.setting} = {quoted(self.value)}")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the role has exactly this value."""
        return self._now(target) == self.value

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Give the role its old value back, unless a person has given it another."""
        if not self.active(target, receipt):
            return
        was = str(receipt["was"])
        target.run(
            f"ALTER ROLE {self.role} SET {self.setting} = {quoted(was)}"
            if was
            else f"ALTER ROLE {self.role} RESET {self.setting}"
        )

    def _now(self, target: PostgresServer) -> str:
        return target.value(
            "SELECT split_part(one, '=', 2) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole,"
            f" unnest(s.setconfig) one WHERE r.rolname = {quoted(self.role)} AND s.setdatabase = 0"
            f" AND split_part(one, '=', 1) = {quoted(self.setting)}"
        )
