"""Sessions that are too many, or nobody's."""

from faults.postgres.connections_exhausted import ConnectionsExhausted
from tests.faults.laws import Case
from tests.faults.postgres.clients import connects, ends
from tests.faults.postgres.server import primary

CASES = [
    Case(
        fault=ConnectionsExhausted(),
        server=primary,
        felt=connects,
        by_hand=ends("report-export", left=10),
        restart_ends=True,
    ),
]
