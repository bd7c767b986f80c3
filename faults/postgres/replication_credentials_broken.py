"""A replica's password was rotated on the primary only."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import name
from faults.postgres._replication import require_primary
from faults.postgres.server import PostgresServer, quoted

ITERATIONS = 4096


@dataclass(frozen=True, kw_only=True)
class ReplicationCredentialsBroken(Checked):
    """The replica's role gets another password and its session ends: the replica is not let in again."""

    about: ClassVar[About] = About(
        id="postgres.replication_credentials_broken",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role-password:{role}",),
        see="pg_stat_replication has no row, the slot is not active; the replica's log: password "
        "authentication failed; the exporter's lag in seconds stays 0",
        fix="the same password on both sides: ALTER ROLE on the primary, or primary_conninfo of the replica",
        one_strength="a replica is let in or not",
    )

    role: str = name("replica", means="role that the replica signs in as")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the old password's verifier, and make another's."""
        require_primary(target)
        was = target.value(f"SELECT rolpassword FROM pg_authid WHERE rolname = {quoted(self.role)}")
        if not was or not self._streams(target):
            raise NoTarget(f"{target.name} has no replica that signs in as {self.role} with a password")
        return {"was": was, "verifier": verifier(secrets.token_urlsafe(18))}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Give the role the other password, then end its sessions."""
        alter = f"ALTER ROLE {self.role} PASSWORD {quoted(str(receipt['verifier']))}"
        end = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_replication WHERE {self._is_it}"
        target.run(f"BEGIN; {alter}; COMMIT; {end}")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the role has the other password, and no replica got in with it."""
        return self._has(target, receipt) and not self._streams(target)

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Give the old password back, unless it was changed or the replica has learnt the other one."""
        if self.active(target, receipt):
            target.run(f"ALTER ROLE {self.role} PASSWORD {quoted(str(receipt['was']))}")

    def _has(self, target: PostgresServer, receipt: Receipt) -> bool:
        ours = quoted(str(receipt["verifier"]))
        return target.true(
            f"EXISTS (SELECT FROM pg_authid WHERE rolname = {quoted(self.role)} AND rolpassword = {ours})"
        )

    def _streams(self, target: PostgresServer) -> bool:
        return target.true(f"EXISTS (SELECT FROM pg_stat_replication WHERE {self._is_it})")

    @property
    def _is_it(self) -> str:
        return f"usename = {quoted(self.role)}"


def verifier(password: str) -> str:
    """What PostgreSQL stores for an ASCII password: known beforehand, it says whose password a role has."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_, stored_, server_ = (base64.b64encode(one).decode() for one in (salt, stored, server))
    return f"SCRAM-SHA-256${ITERATIONS}:{salt_}${stored_}:{server_}"
