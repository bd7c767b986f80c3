"""What faults of replication ask first: which of the two a server is."""

from faults.errors import ForeignState, NoTarget
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


def require_unfollowed(target: PostgresServer) -> None:
    """Raise ForeignState where a replica follows or has a slot: a server made anew would be older."""
    found = target.value(
        "SELECT string_agg(DISTINCT who, ', ') FROM ("
        "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'physical'"
        " UNION SELECT application_name FROM pg_stat_replication"
        " WHERE pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE active)) s (who)"
    )
    if found:
        raise ForeignState(
            f"{target.name} is followed by {found}: the undo makes the server anew from its image, older than"
            " its replica, which could not follow any more",
            hint="do it to a server that nobody follows",
        )
