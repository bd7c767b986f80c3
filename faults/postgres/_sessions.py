"""What the faults that are a misbehaving client have in common: a name by which its sessions are known."""

from faults import actors
from faults.actors import Work
from faults.errors import ForeignState
from faults.postgres.server import PostgresServer, quoted


def free_name(target: PostgresServer, program: str) -> str:
    """A container's name for the client *program*; ForeignState where such a client is there already."""
    if target.true(session(program)):
        raise ForeignState(f"{target.name} has sessions of {program} already: they could not be told apart")
    return actors.actor_name(target.container, program)


def session(program: str, condition: str = "true") -> str:
    """SQL: whether a session *a* of that program exists for which *condition* holds."""
    return (
        f"EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = {quoted(program)}"
        f" AND a.pid <> pg_backend_pid() AND ({condition}))"
    )


def holding(table: str, mode: str) -> str:
    """SQL, for `session`: it sits in a transaction and has a lock of *mode* on the table."""
    return (
        "a.state = 'idle in transaction' AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted"
        f" AND l.relation = to_regclass({quoted(table)}) AND l.mode = {quoted(mode)})"
    )


def begin(target: PostgresServer, name: str, role: str, work: Work) -> None:
    """Start the client, signed in as *role*."""
    actors.start(target.container, name, target.login(role), work)


def end(target: PostgresServer, name: str, program: str, whose: str = "true") -> None:
    """Remove the client, and end what the server still does for it: who waits for a lock sees no hang-up.

    *whose*, as for `session`, tells its sessions from others that have the program's name.
    """
    actors.stop(target.container, name)
    if target.container.running:
        target.wait_for(
            f"NOT {session(program, whose)}",
            what=f"the sessions of {program} are gone",
            meanwhile="pg_terminate_backend(pid) FROM pg_stat_activity a"
            f" WHERE application_name = {quoted(program)} AND ({whose})",
        )
