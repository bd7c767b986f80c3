"""A new release of a batch locks what it works on, and asks a partner for an answer before it commits."""

from dataclasses import dataclass
from typing import ClassVar

from faults import actors
from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _roles, _sessions
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class BatchHoldsRows(Checked):
    """A batch locks rows and waits inside its transaction; its schedule starts it again when it was ended."""

    about: ClassVar[About] = About(
        id="release.batch_holds_rows",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role:{role}", "rows:{table}"),
        see="pg_blocking_pids() of the writers that wait, up to the one that nobody blocks: its"
        " application_name, idle in transaction since xact_start; again after each pg_terminate_backend()",
        fix="keep its owner out (ALTER ROLE … NOLOGIN) or bound how long it may sit idle in a transaction"
        " (idle_in_transaction_session_timeout on its role), then pg_terminate_backend() of its session;"
        " pg_cancel_backend() does nothing to who is idle",
    )

    program: str = name("billing-batch", means="application_name of the batch")
    role: str = name("billing", means="role that it signs in as, made for it")
    table: str = choice(
        "customers", "products", "customers", mild="products", severe="customers", means="whose rows it locks"
    )
    rows: int = number(
        20_000, low=1, high=200_000, unit="rows", mild=100, severe=200_000, means="rows with id 1 to this"
    )
    again_s: float = number(
        15.0, low=1.0, high=3600.0, unit="s", mild=600.0, severe=1.0, means="from its end to its next start"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose names; the role must not be there."""
        return _roles.prepared(target, self.role, self.program)

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Make its role, and let the batch begin."""
        _roles.create(target, self.role, receipt, "pg_read_all_data", "pg_write_all_data")
        select = f"SELECT id FROM {self.table} WHERE id <= {self.rows} ORDER BY id FOR UPDATE"
        away_ms = round(self.again_s * 1000)
        work = Work(program=self.program, begin=[select], transaction=True, respawn=True, away_ms=away_ms)
        _roles.start(target, self.role, receipt, work)
        target.wait_for(self._holds(target, receipt), what=f"{self.program} holds the rows")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it holds the rows, or its schedule will let it in again to sit there."""
        may_stay = _roles.ours(self.role, receipt, "rolcanlogin AND rolconnlimit <> 0") + (
            " AND NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
            f" WHERE r.rolname = '{self.role}' AND s.setconfig::text LIKE '%idle_in_transaction%')"
        )
        comes_back = actors.running(target.container, str(receipt["actor"])) and target.true(may_stay)
        return comes_back or target.true(self._holds(target, receipt))

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the batch, its session and its role."""
        _roles.end(target, self.role, receipt, self.program)
        return _roles.drop(target, self.role, receipt)

    def _holds(self, target: PostgresServer, receipt: Receipt) -> str:
        holding = _sessions.holding(self.table, "RowShareLock")
        return _roles.session(target, self.role, receipt, self.program, holding)
