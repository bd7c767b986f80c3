"""The application's account is locked."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import name


@dataclass(frozen=True, kw_only=True)
class AccountLocked(Checked):
    """`ACCOUNT LOCK`: who is signed in works on, and nobody else of the role gets in."""

    about: ClassVar[About] = About(
        id="mysql.account_locked",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("account:{role}",),
        see="error 3118 for new sign-ins only, so trouble grows as pools recycle;"
        " SHOW CREATE USER … says ACCOUNT LOCK",
        fix="ALTER USER … ACCOUNT UNLOCK; who locked it, and why, before that",
        one_strength="an account is locked or open",
    )

    role: str = name("shop", means="account that is locked")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Find the account's host; ForeignState where there is not exactly one, or it is locked already."""
        found = target.rows(
            f"SELECT Host, account_locked FROM mysql.user WHERE User = {quoted(self.role)} ORDER BY Host"
        )
        if [locked for _, locked in found] != ["N"]:
            raise ForeignState(f"{target.name} has no single open account {self.role}: {found or 'none'}")
        return {"role": self.role, "host": found[0][0]}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Lock it."""
        target.run(f"ALTER USER {_account(receipt)} ACCOUNT LOCK")

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether it is locked."""
        return target.true(
            f"EXISTS (SELECT * FROM mysql.user WHERE User = {quoted(str(receipt['role']))}"
            f" AND Host = {quoted(str(receipt['host']))} AND account_locked = 'Y')"
        )

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Unlock it, where it is there and locked."""
        if self.active(target, receipt):
            target.run(f"ALTER USER {_account(receipt)} ACCOUNT UNLOCK")


def _account(receipt: Receipt) -> str:
    return f"{quoted(str(receipt['role']))}@{quoted(str(receipt['host']))}"
