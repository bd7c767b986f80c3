"""Somebody made a role that nobody knows, and reads with it."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name
from faults.postgres import _roles
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class RogueRole(Checked):
    """A role with wide rights and a session of it that reads a table page by page, and signs in again."""

    about: ClassVar[About] = About(
        id="postgres.rogue_role",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role:{role}",),
        see="pg_roles and pg_auth_members; pg_stat_activity: usename (NULL once the role is dropped), "
        "client_addr, query; connections in the log",
        fix="NOLOGIN (or DROP ROLE), then pg_terminate_backend() of its sessions: one alone is not enough",
    )

    role: str = name("svc_backup", means="the role's name")
    program: str = name("pg_dump", means="application_name of its session")
    rights: str = choice(
        "wide",
        "wide",
        "superuser",
        mild="wide",
        severe="superuser",
        means="wide: reads all data, and the DBA may end it; superuser: only a superuser may",
    )
    table: str = name("customers", means="table that it reads")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose a password; the role must not be there."""
        return _roles.prepared(target, self.role, self.program)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Create the role, and sign in as it."""
        superuser = self.rights == "superuser"
        _roles.create(target, self.role, receipt, "pg_read_all_data", superuser=superuser)
        read = f"SELECT * FROM {self.table} ORDER BY id LIMIT 1000 OFFSET 1000 * ({{n}} % 200)"
        work = Work(program=self.program, loop=[read], pause_ms=1000, respawn=True)
        _roles.start(target, self.role, receipt, work)
        target.wait_for(self._there(target, receipt), what=f"{self.role} has signed in")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the role can sign in, or a session of it is still there."""
        can_sign_in = _roles.ours(self.role, receipt, "rolcanlogin")
        return target.true(f"{can_sign_in} OR {self._there(target, receipt)}")

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the client, its session and the role."""
        _roles.end(target, self.role, receipt, self.program)
        return _roles.drop(target, self.role, receipt)

    def _there(self, target: PostgresServer, receipt: Receipt) -> str:
        return _roles.session(target, self.role, receipt, self.program)
