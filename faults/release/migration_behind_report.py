"""A migration waits for a report that never ends, and everybody waits for the migration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name, number
from faults.postgres import _roles, _sessions
from faults.postgres.server import PostgresServer, quoted

TABLE = "orders"
STEPS = (("payments", "provider_ref"), (TABLE, "idempotency_key"))
"""Tables and columns that are changed, in this order, each in a transaction of its own."""
REPORT = f"SELECT status, count(*), sum(total_cents) FROM {TABLE} GROUP BY status"

_TABLE = f"to_regclass({quoted(TABLE)})"


def _altered(table: str, column: str, compression: str) -> str:
    return f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION {compression}"


def _done(table: str, column: str) -> str:
    return (
        f"EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass({quoted(table)})"
        f" AND attname = {quoted(column)} AND attcompression = 'l')"
    )


CHANGE = tuple(_altered(table, column, "lz4") for table, column in STEPS)
_DONE = _done(*STEPS[-1])


@dataclass(frozen=True, kw_only=True)
class MigrationBehindReport(Checked):
    """A report leaves its transaction open, ALTER TABLE queues behind it, and all who come later behind that.

    Both come back where they were ended; a migration that got through does nothing any more. Its first step
    is through by then and stays so whatever becomes of the second: who only ends it leaves it half done.
    """

    about: ClassVar[About] = About(
        id="release.migration_behind_report",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("role:{role}", "role:{migrator}", f"lock:{TABLE}"),
        lasts="perhaps",
        see="pg_blocking_pids(): everybody is blocked by the ALTER, which is active and waits for the report,"
        " which is idle in transaction and blocked by nobody",
        fix="keep the report's role out (ALTER ROLE … NOLOGIN) or bound how long it may sit idle in a"
        " transaction, then pg_terminate_backend() of its session: the migration gets through at once;"
        " cancelling the ALTER alone serves customers until it is tried again, and keeping its role out"
        " leaves the migration half done",
        settle_s=30.0,
    )

    report: str = name("sales-report", means="application_name of the report")
    role: str = name("reporting", means="role that the report signs in as, made for it")
    program: str = name("schema-migration", means="application_name of the migration")
    migrator: str = name("migrations", means="role that the migration signs in as, made for it")
    again_s: float = number(
        15.0, low=1.0, high=3600.0, unit="s", mild=600.0, severe=1.0, means="from an end to the next start"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose names; neither role may be there."""
        report = _roles.prepared(target, self.role, self.report)
        migration = _roles.prepared(target, self.migrator, self.program)
        return {
            **report,
            "migration": migration["actor"],
            "migrators_password": migration["password"],
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Let the report read the table, then the migration come."""
        _roles.create(target, self.role, receipt, "pg_read_all_data")
        _roles.start(target, self.role, receipt, self._comes_back(self.report, (REPORT,), transaction=True))
        target.wait_for(self._reads(target, receipt), what=f"{self.report} has read {TABLE}")
        migration = self._migration(receipt)
        _roles.create(target, self.migrator, migration, "shop_owner")
        _roles.start(target, self.migrator, migration, self._comes_back(self.program, CHANGE))
        target.wait_for(self._waits(target, receipt), what=f"{self.program} waits for {TABLE}")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the migration waits, or will again: it has not got through, and the report is there."""
        again = " AND ".join(
            (
                f"NOT {_DONE}",
                self._reads(target, receipt),
                _roles.ours(self.migrator, receipt, "rolcanlogin AND rolconnlimit <> 0"),
            )
        )
        return target.true(f"{self._waits(target, receipt)} OR ({again})")

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Remove the migration, then the report, and both roles; take back what got through."""
        _roles.end(target, self.migrator, self._migration(receipt), self.program)
        _roles.end(target, self.role, receipt, self.report)
        for table, column in STEPS:
            if target.true(_done(table, column)):
                target.run(_altered(table, column, "DEFAULT"))
        left = [_roles.drop(target, role, receipt) for role in (self.migrator, self.role)]
        return "; ".join(filter(None, left))

    def _reads(self, target: PostgresServer, receipt: Receipt) -> str:
        held = _sessions.holding(TABLE, "AccessShareLock")
        return _sessions.of(target, str(receipt["actor"]), self.report, held)

    def _waits(self, target: PostgresServer, receipt: Receipt) -> str:
        locks = "SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted"
        waits = f"EXISTS ({locks} AND l.relation = {_TABLE})"
        return _sessions.of(target, str(receipt["migration"]), self.program, waits)

    def _comes_back(self, program: str, steps: Sequence[str], *, transaction: bool = False) -> Work:
        away_ms = round(self.again_s * 1000)
        return Work(program=program, begin=steps, transaction=transaction, respawn=True, away_ms=away_ms)

    @staticmethod
    def _migration(receipt: Receipt) -> Receipt:
        """The part of the receipt that is the migration's."""
        return {**receipt, "actor": receipt["migration"], "password": receipt["migrators_password"]}
