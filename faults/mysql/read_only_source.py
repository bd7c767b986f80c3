"""The server that the shop writes to takes no writes."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.mysql import _variables as variables
from faults.mysql.server import MysqlServer

ALL, USERS = "super_read_only", "read_only"


@dataclass(frozen=True, kw_only=True)
class ReadOnlySource(Checked):
    """`super_read_only`: the source refuses every write, as after a failover that stopped half-way."""

    about: ClassVar[About] = About(
        id="mysql.read_only_source",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=(f"setting:{USERS}", "writes"),
        lasts="{persist}",
        see="error 1290 (--super-read-only) at the clients; SELECT @@read_only, @@super_read_only on each"
        " server",
        fix="make sure that no other server takes writes, then SET GLOBAL read_only = OFF (it ends"
        " super_read_only too; the other way round read_only stays) and RESET PERSIST of both",
    )

    persist: str = variables.persist("yes")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Remember both settings; ForeignState where it takes no writes already."""
        receipt = variables.remember(target, {ALL: "ON", USERS: "ON"})
        if receipt[f"{USERS}.was"] == "ON":
            raise ForeignState(f"{target.name} is read-only already: it is no source")
        return receipt

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Set it; the server sets read_only along with it."""
        variables.put(target, ALL, "ON", self.persist)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether an ordinary client's writes are refused."""
        return variables.held(target, receipt, USERS)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Take writes again, now and after the next start."""
        variables.give_back(target, receipt, ALL)
        variables.give_back(target, receipt, USERS)
