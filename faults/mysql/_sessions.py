"""What the faults that are a misbehaving client have in common: how its sessions are known.

Others may call themselves the same, and come later: a session is its client's by the address as well.
"""

from collections.abc import Iterable
from ipaddress import ip_network

from faults import actors, peers
from faults.actors import Work
from faults.errors import ExecFailed, ForeignState
from faults.mysql.server import MysqlServer, quoted, sessions_of
from faults.peers import Peers
from faults.wait import until

NO_SUCH_THREAD = "ERROR 1094"
LOOKS, PAUSE_S = 12, 0.25


def free_name(target: MysqlServer, program: str) -> str:
    """A container's name for the client *program*; ForeignState where such a client is there already."""
    if target.true(session(program)):
        raise ForeignState(f"{target.name} has sessions of {program} already: they could not be told apart")
    return actors.actor_name(target.container, program)


def session(program: str, condition: str = "TRUE") -> str:
    """SQL: whether a session *s* (performance_schema.threads) of that program is there with *condition*."""
    return (
        "EXISTS (SELECT * FROM performance_schema.threads s"
        f" WHERE s.PROCESSLIST_ID IN ({sessions_of(program)}) AND ({condition}))"
    )


def whose(target: MysqlServer, name: str) -> str:
    """SQL, for `session`: it is of the client in the container *name*, which may be gone."""
    near = peers.around(target.container, name)
    within = [f"s.PROCESSLIST_HOST IN ({_words(near.names)})"]
    for subnet in map(ip_network, near.subnets):
        first, last = quoted(str(subnet[0])), quoted(str(subnet[-1]))
        within.append(
            f"INET6_ATON(s.PROCESSLIST_HOST) BETWEEN INET6_ATON({first}) AND INET6_ATON({last})"
            f" AND s.PROCESSLIST_HOST NOT IN ({_words(('', *near.taken))})"
        )
    return f"({' OR '.join(within)})"


def of(target: MysqlServer, name: str, program: str, condition: str = "TRUE") -> str:
    """SQL: whether the client in the container *name* has a session *s* for which *condition* holds."""
    return session(program, f"{whose(target, name)} AND ({condition})")


def count(target: MysqlServer, name: str, program: str) -> str:
    """SQL: how many sessions *s* it has."""
    return (
        "(SELECT COUNT(*) FROM performance_schema.threads s"
        f" WHERE s.PROCESSLIST_ID IN ({sessions_of(program)}) AND {whose(target, name)})"
    )


def seen(target: MysqlServer, name: str, condition: str) -> bool:
    """Whether an SQL condition holds now, or once in three more seconds: clients come and go meanwhile.

    Not where the container *name* does not run: what its client does no more, it will not do again.
    """
    if target.true(condition):
        return True
    if not actors.running(target.container, name):
        return False
    looks = (f"DO IF(@seen, 0, SLEEP({PAUSE_S})); SET @seen = @seen OR ({condition})",) * LOOKS
    return target.rows("; ".join(("SET @seen = 0", *looks, "SELECT @seen"))) == [("1",)]


def _words(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts))


def in_transaction(condition: str = "TRUE") -> str:
    """SQL, for `session`: it has a transaction *t* (information_schema.innodb_trx) with *condition*."""
    return (
        "EXISTS (SELECT * FROM information_schema.innodb_trx t"
        f" WHERE t.trx_mysql_thread_id = s.PROCESSLIST_ID AND ({condition}))"
    )


def locking(status: str, kind: str, mode: str, table: str = "") -> str:
    """SQL, for `session`: it has (GRANTED) or waits for (PENDING) a metadata lock of that mode."""
    of_table = f" AND l.OBJECT_SCHEMA = DATABASE() AND l.OBJECT_NAME = '{table}'" if table else ""
    return (
        "EXISTS (SELECT * FROM performance_schema.metadata_locks l WHERE l.OWNER_THREAD_ID = s.THREAD_ID"
        f" AND l.OBJECT_TYPE = '{kind}' AND l.LOCK_STATUS = '{status}' AND l.LOCK_TYPE = '{mode}'{of_table})"
    )


def begin(target: MysqlServer, name: str, role: str, work: Work) -> None:
    """Start the client, signed in as *role*."""
    actors.start(target.container, name, target.login(role), work)


def end(target: MysqlServer, name: str, program: str) -> None:
    """Remove the client, and end what the server still does for it: who waits for a lock sees no hang-up."""
    near = peers.own(target.container, name)  # once it is removed, nobody knows
    actors.stop(target.container, name)
    if target.container.running:
        until(
            lambda: ended(target, name, program, near) or None,
            what=f"sessions of {program} are over",
            timeout_s=30,
        )


def ended(target: MysqlServer, name: str, program: str, near: Peers | None) -> bool:
    """Kill the client's sessions, which come from *near*; true where there are none.

    Where that is not known, the server is asked before the engine is: a client that has come since has none
    of these.
    """
    found = target.rows(
        "SELECT PROCESSLIST_ID, PROCESSLIST_HOST FROM performance_schema.threads"
        f" WHERE PROCESSLIST_ID IN ({sessions_of(program)})"
    )
    if not found:
        return True
    near = near or peers.around(target.container, name)
    ours = [ident for ident, host in found if near.ours(host)]
    for ident in ours:
        try:
            target.run(f"KILL {int(ident)}")
        except ExecFailed as error:
            if NO_SUCH_THREAD not in str(error):
                raise
    return not ours
