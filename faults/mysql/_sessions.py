"""What the faults that are a misbehaving client have in common: a name by which its sessions are known."""

from faults import actors
from faults.actors import Work
from faults.errors import ExecFailed, ForeignState
from faults.mysql.server import MysqlServer, sessions_of
from faults.wait import until

NO_SUCH_THREAD = "ERROR 1094"


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
    actors.stop(target.container, name)
    if target.container.running:
        until(lambda: ended(target, program) or None, what=f"sessions of {program} are over", timeout_s=30)


def ended(target: MysqlServer, program: str) -> bool:
    """Kill the program's sessions; true where there are none."""
    found = target.rows(sessions_of(program))
    for (ident,) in found:
        try:
            target.run(f"KILL {int(ident)}")
        except ExecFailed as error:
            if NO_SUCH_THREAD not in str(error):
                raise
    return not found
