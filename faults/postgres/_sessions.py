"""What the faults that are a misbehaving client have in common: how its sessions are known.

Others may call themselves the same, and come later: a session is its client's by the address as well.
"""

from collections.abc import Iterable

from faults import actors, peers
from faults.actors import Work
from faults.errors import ForeignState
from faults.peers import Peers
from faults.postgres.server import PostgresServer, quoted
from faults.wait import until

LOOKS, PAUSE_S = 80, 0.025


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


def whose(target: PostgresServer, name: str) -> str:
    """SQL, for `session`: it is of the client in the container *name*, which may be gone."""
    near = peers.around(target.container, name)
    subnets, taken = _array(near.subnets), _array(near.taken)
    return f"(a.client_addr <<= ANY ({subnets}::inet[]) AND a.client_addr <> ALL ({taken}::inet[]))"


def of(target: PostgresServer, name: str, program: str, condition: str = "true") -> str:
    """SQL: whether the client in the container *name* has a session *a* for which *condition* holds."""
    return session(program, f"{whose(target, name)} AND ({condition})")


def count(target: PostgresServer, name: str, program: str, condition: str = "true") -> str:
    """SQL: how many sessions *a* it has for which *condition* holds."""
    return (
        f"(SELECT count(*) FROM pg_stat_activity a WHERE a.application_name = {quoted(program)}"
        f" AND {whose(target, name)} AND ({condition}))"
    )


def seen(target: PostgresServer, name: str, condition: str) -> bool:
    """Whether an SQL condition holds now, or once in the next two seconds: clients come and go meanwhile.

    Not where the container *name* does not run: what its client does no more, it will not do again.
    """
    if target.true(condition):
        return True
    if not actors.running(target.container, name):
        return False
    looks = (
        f"DO $$ BEGIN FOR n IN 1..{LOOKS} LOOP PERFORM pg_sleep({PAUSE_S}), pg_stat_clear_snapshot();"
        f" IF {condition} THEN PERFORM set_config('faults.seen', '1', false); EXIT; END IF;"
        " END LOOP; END $$"
    )
    return target.rows(looks, "SELECT current_setting('faults.seen', true)", reads=True) == [("1",)]


def _array(addresses: Iterable[str]) -> str:
    return quoted("{" + ",".join(addresses) + "}")


def holding(table: str, mode: str) -> str:
    """SQL, for `session`: it sits in a transaction and has a lock of *mode* on the table."""
    return (
        "a.state = 'idle in transaction' AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted"
        f" AND l.relation = to_regclass({quoted(table)}) AND l.mode = {quoted(mode)})"
    )


def begin(target: PostgresServer, name: str, role: str, work: Work) -> None:
    """Start the client, signed in as *role*."""
    actors.start(target.container, name, target.login(role), work)


def end(target: PostgresServer, name: str, program: str, which: str = "true") -> None:
    """Remove the client, and end what the server still does for it: who waits for a lock sees no hang-up.

    *which*, as for `session`, narrows it further.
    """
    near = peers.own(target.container, name)  # once it is removed, nobody knows
    actors.stop(target.container, name)
    if target.container.running:
        until(
            lambda: ended(target, name, program, which, near) or None,
            what=f"the sessions of {program} on {target.name} are gone",
            timeout_s=45,
            every_s=0.1,
        )


def ended(target: PostgresServer, name: str, program: str, which: str, near: Peers | None) -> bool:
    """End the client's sessions, which come from *near*; true where there are none.

    Where that is not known, the server is asked before the engine is: a client that has come since has none
    of these.
    """
    found = target.rows(
        f"SELECT pid, host(client_addr) FROM pg_stat_activity a WHERE application_name = {quoted(program)}"
        f" AND client_addr IS NOT NULL AND pid <> pg_backend_pid() AND ({which})"
    )
    if not found:
        return True
    near = near or peers.around(target.container, name)
    ours = [pid for pid, address in found if near.ours(address)]
    if ours:
        target.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE pid IN ({', '.join(ours)}) AND application_name = {quoted(program)}"
        )
    return not ours
