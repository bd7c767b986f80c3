"""A role's own setting went wrong."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Kind, Undo
from faults.parameters import name
from faults.postgres._stored import Owner, StoredSetting, of_role


@dataclass(frozen=True, kw_only=True)
class RoleSetting(StoredSetting):
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

    def owner(self) -> Owner:
        """The role."""
        return of_role(self.role)
