"""A transaction was prepared, and whoever was to decide on it is gone."""

from dataclasses import dataclass
from typing import ClassVar

from faults import tags
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import MissingCapability
from faults.parameters import name, number
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class PreparedTransaction(Checked):
    """`PREPARE TRANSACTION` without its COMMIT PREPARED: the rows stay locked, and no session holds them."""

    about: ClassVar[About] = About(
        id="postgres.prepared_transaction",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        see="pg_prepared_xacts; pg_locks.pid is NULL; pg_blocking_pids() says {0}",
        fix="ROLLBACK PREPARED '…' as the role that prepared it (GRANT that role WITH SET TRUE, SET ROLE) or "
        "as superuser; it survives a restart, and holds the xmin horizon",
    )

    title: str = name("billing", means="what the transaction's identifier begins with")
    role: str = name("shop", means="role that prepares it, and may end it")
    table: str = name("customers", means="table whose rows it holds")
    rows: int = number(
        20_000, low=1, high=200_000, unit="rows", mild=100, severe=200_000, means="rows with id 1 to this"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose an identifier."""
        if target.value("SHOW max_prepared_transactions") == "0":
            raise MissingCapability(f"{target.name} has max_prepared_transactions = 0")
        return {"gid": f"{self.title}-{tags.random_part()}"}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Lock the rows and prepare, in one round trip."""
        target.run(
            f"SET ROLE {self.role}; BEGIN; DO $$ BEGIN PERFORM FROM {self.table} WHERE id <= {self.rows}"
            f" ORDER BY id FOR UPDATE; END $$; PREPARE TRANSACTION {quoted(str(receipt['gid']))}"
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it is still undecided."""
        return target.true(
            f"EXISTS (SELECT FROM pg_prepared_xacts WHERE gid = {quoted(str(receipt['gid']))})"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Roll it back where it is still there."""
        if self.active(target, receipt):
            target.run(f"ROLLBACK PREPARED {quoted(str(receipt['gid']))}")
