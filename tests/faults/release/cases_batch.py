"""A job that takes the live database for its own."""

from faults.release.batch_misbehaves import BatchMisbehaves
from tests.faults.laws import Case
from tests.faults.postgres.clients import ends, places_order
from tests.faults.postgres.server import Postgres, primary


def owner_stopped(server: Postgres) -> None:
    """The DBA ends its session, which is no use alone; then its role may sign in no more."""
    server.query("ALTER ROLE batch_settlement NOLOGIN", role="dba")
    ends("settlement-report")(server)


CASES = [
    Case(
        fault=BatchMisbehaves(chapters=100, every_s=1),
        server=primary,
        felt=places_order,
        by_hand=owner_stopped,
        restart_ends=False,
    ),
]
