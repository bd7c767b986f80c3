"""What faults of replication ask first: which of the two a server is."""

from faults.errors import NoTarget
from faults.postgres.server import PostgresServer


def is_replica(target: PostgresServer) -> bool:
    """Whether the server follows another one."""
    return target.true("pg_is_in_recovery()")


def require_replica(target: PostgresServer) -> None:
    """Raise NoTarget where the server is a primary."""
    if not is_replica(target):
        raise NoTarget(f"{target.name} is a primary; this is done to a replica")


def require_primary(target: PostgresServer) -> None:
    """Raise NoTarget where the server is a replica."""
    if is_replica(target):
        raise NoTarget(f"{target.name} is a replica; this is done to a primary")
