"""One setting of the whole server, written by ALTER SYSTEM: what it was, what it is, and the way back."""

from dataclasses import dataclass

from faults.core import Receipt
from faults.errors import ForeignState
from faults.postgres.server import PostgresServer, quoted

BY_ALTER_SYSTEM = "sourcefile LIKE '%/postgresql.auto.conf'"


@dataclass(frozen=True, kw_only=True)
class SystemSetting:
    """*value* is as typed; the receipt keeps what ALTER SYSTEM had written before, empty where nothing."""

    name: str
    value: str

    def prepare(self, target: PostgresServer) -> dict[str, str | int | float]:
        """Remember what was written; raises ForeignState where it is this very value."""
        was = self.written(target)
        if was == self.value:
            raise ForeignState(f"{target.name}: {self.name} is {was!r} already")
        return {f"{self.name}.was": was}

    def written(self, target: PostgresServer) -> str:
        """What ALTER SYSTEM has written, whether it is in force or not; empty where nothing."""
        return target.value(
            f"SELECT setting FROM pg_file_settings WHERE name = {quoted(self.name)} AND {BY_ALTER_SYSTEM}"
            " ORDER BY seqno DESC LIMIT 1"
        )

    def in_force(self, target: PostgresServer) -> str:
        """What a new session gets, in the setting's own unit."""
        return target.value(f"SELECT reset_val FROM pg_settings WHERE name = {quoted(self.name)}")

    def set(self, target: PostgresServer) -> None:
        """Write it and let the server read it."""
        target.run(f"ALTER SYSTEM SET {self.name} = {quoted(self.value)}", "SELECT pg_reload_conf()")

    def restore(self, target: PostgresServer, receipt: Receipt) -> None:
        """Write what was there before, unless a person has written something else meanwhile."""
        undo = []
        if self.written(target) == self.value:
            was = str(receipt[f"{self.name}.was"])
            undo = [
                f"ALTER SYSTEM SET {self.name} = {quoted(was)}" if was else f"ALTER SYSTEM RESET {self.name}"
            ]
        target.run(*undo, "SELECT pg_reload_conf()")
