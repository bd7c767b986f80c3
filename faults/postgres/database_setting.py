"""A database's own setting went wrong."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Kind, Undo
from faults.parameters import name, text
from faults.postgres._stored import Owner, StoredSetting, of_database


@dataclass(frozen=True, kw_only=True)
class DatabaseSetting(StoredSetting):
    """`ALTER DATABASE … SET`: new sessions in the database work under a setting that hurts them."""

    about: ClassVar[About] = About(
        id="postgres.database_setting",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("database-setting:{database}:{setting}",),
        see="pg_db_role_setting with setrole = 0; in a session, pg_settings.source = 'database'",
        fix="ALTER DATABASE … RESET …, then new sessions (in one that may not write: SET "
        "default_transaction_read_only = off first)",
    )

    database: str = name("shop", means="database that gets the setting")
    setting: str = name("default_transaction_read_only", means="name of the setting")
    value: str = text("on", means="what it is set to")

    def owner(self) -> Owner:
        """The database."""
        return of_database(self.database)
