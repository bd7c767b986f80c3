"""A job that takes the live database for its own."""

from collections.abc import Callable

from faults.release.batch_holds_rows import BatchHoldsRows
from faults.release.batch_misbehaves import BatchMisbehaves
from faults.release.migration_behind_report import MigrationBehindReport
from tests.faults.laws import Case
from tests.faults.postgres.clients import ends, places_order, reads_history, writes_line
from tests.faults.postgres.server import Postgres, primary
from tests.faults.strengths import End


def owner_stopped(role: str, program: str) -> Callable[[Postgres], None]:
    """The DBA ends its session, which is no use alone; then its role may sign in no more."""

    def by_hand(server: Postgres) -> None:
        server.query(f"ALTER ROLE {role} NOLOGIN", role="dba")
        ends(program)(server)

    return by_hand


def bounded(server: Postgres) -> None:
    """The DBA bounds how long it may sit idle in a transaction, and ends the session that is there."""
    server.query("ALTER ROLE billing SET idle_in_transaction_session_timeout = '200ms'", role="dba")
    ends("billing-batch")(server)


CASES = [
    Case(
        fault=BatchMisbehaves(),
        server=primary,
        felt=places_order,
        expects="55P03",
        mild=End(unfelt="one query in five minutes, and no lock that a writer waits for"),
        by_hand=owner_stopped("batch_settlement", "settlement-report"),
        restart_ends=False,
    ),
    Case(
        fault=BatchHoldsRows(),
        server=primary,
        felt=places_order,
        expects="55P03",
        mild=End(felt=writes_line),
        by_hand=owner_stopped("billing", "billing-batch"),
        restart_ends=False,
        every_run=True,
    ),
    Case(
        fault=BatchHoldsRows(again_s=60, table="products", rows=100),
        variant="bounded",
        server=primary,
        felt=writes_line,
        expects="55P03",
        by_hand=bounded,
        restart_ends=False,
    ),
    Case(
        fault=MigrationBehindReport(),
        server=primary,
        felt=reads_history,
        expects="55P03",
        by_hand=owner_stopped("reporting", "sales-report"),
        restart_ends=None,
        untried="which of the two is back first after a restart is chance: the migration may get through",
    ),
]
