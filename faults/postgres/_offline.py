"""Work on a server's files while it is stopped, in its own container: process 1 is held, or it would end.

No inverse: what was done to the files goes with a rebuild.
"""

from faults.errors import ExecFailed, MissingCapability
from faults.postgres.server import PostgresServer
from faults.wait import until

STOPPED = "T"
STOP_WITHIN_S = 60


def prepare(target: PostgresServer) -> None:
    """Raise MissingCapability where the server itself is process 1: it cannot be stopped in its container."""
    if target.container.exec("cat", "/proc/1/comm", reads=True).text.strip() == "postgres":
        raise MissingCapability(
            f"{target.name}: the server is its container's first process", hint="let an init start it"
        )


def while_stopped(target: PostgresServer, script: str, *arguments: str) -> None:
    """Stop the server, run a shell script as its user in the data directory, start the container anew."""
    container = target.container
    before = container.started_at
    container.act("kill", signal="SIGSTOP")
    container.exec(
        *("sh", "-euc", f'pg_ctl stop -s -w -t {STOP_WITHIN_S} -m fast\ncd "$PGDATA"\n{script}', "sh"),
        *arguments,
        user="postgres",
        timeout_s=STOP_WITHIN_S + 30,
    )
    container.act("kill", signal="SIGCONT")
    until(
        lambda: not container.running or container.started_at != before or None,
        what=f"{target.name} has stopped",
        timeout_s=60,
    )
    container.act("start")
    await_service(target)


def await_service(target: PostgresServer) -> None:
    """Wait until it serves."""
    until(
        lambda: target.true("true") or None,
        what=f"{target.name} serves",
        timeout_s=60,
        ignore=(ExecFailed,),
    )


def broken_off(target: PostgresServer) -> bool:
    """Whether the work was begun and not finished: the container is down, or only process 1 is, held."""
    if not target.container.running:
        return True
    if not _held(target):
        return False
    try:
        return not target.true("true")
    except ExecFailed:
        return True


def rebuild(target: PostgresServer, *, damaged: bool) -> None:
    """Make the container anew where its files are damaged or may be; let process 1 go on in any case."""
    if damaged or broken_off(target):
        target.container.rebuild()
    elif _held(target):
        target.container.act("kill", signal="SIGCONT")


def _held(target: PostgresServer) -> bool:
    status = target.container.exec("cat", "/proc/1/stat", reads=True).text
    return status.rpartition(")")[2].split()[0] == STOPPED
