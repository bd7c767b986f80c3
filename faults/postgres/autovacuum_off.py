"""Nobody vacuums a table that a job rewrites all the time."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number
from faults.postgres import _bloat, _sessions
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class AutovacuumOff(Checked):
    """`autovacuum_enabled = false` for a table that a job rewrites: it swells, its statistics grow old."""

    about: ClassVar[About] = About(
        id="postgres.autovacuum_off",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("bloat:{table}", "storage:{table}"),
        see=r"pg_class.reloptions (\d+); pg_stat_user_tables: n_dead_tup, last_autovacuum; the table's size",
        fix="ALTER TABLE … RESET (autovacuum_enabled), VACUUM (FULL for the space, which locks the table)",
        settle_s=30.0,
        instant=False,
    )

    program: str = name("price-sync", means="application_name of the job that rewrites the table")
    role: str = name("dba", means="role that the job signs in as; has to be allowed to write the table")
    table: str = name("products", means="table that is not vacuumed; a small one")
    column: str = name("stock", means="column that the job sets to itself")
    pause_ms: int = number(
        1000, low=50, high=60_000, unit="ms", mild=10_000, severe=200, means="between two rewrites"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the client's name, and remember how large the table is."""
        if target.true(self._off("%")):
            raise ForeignState(f"{self.table} on {target.name} has an autovacuum_enabled of its own already")
        return {
            "churn": _sessions.free_name(target, self.program),
            "pages": _bloat.pages(target, self.table),
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Turn it off, and start the job."""
        target.run(f"ALTER TABLE {self.table} SET (autovacuum_enabled = false)")
        churn = _bloat.churn(self.program, self.table, self.column, pause_ms=self.pause_ms)
        _sessions.begin(target, str(receipt["churn"]), self.role, churn)
        _bloat.wait_until_grown(target, self.program, self.table, receipt)

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the table is still left out."""
        return target.true(self._off("false"))

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the job, let the table be vacuumed again, and give the space back."""
        _sessions.end(target, str(receipt["churn"]), self.program)
        if self.active(target, receipt):
            target.run(f"ALTER TABLE {self.table} RESET (autovacuum_enabled)")
        _bloat.compact(target, self.table, receipt)

    def _off(self, value: str) -> str:
        return (
            "EXISTS (SELECT FROM pg_class, unnest(reloptions) one WHERE oid ="
            f" to_regclass({quoted(self.table)}) AND one LIKE 'autovacuum_enabled={value}')"
        )
