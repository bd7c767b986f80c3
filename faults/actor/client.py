"""Sessions of one program on one server, as its only argument ACTOR (JSON) says: see `faults.actors.Work`.

Runs alone in its image: imports nothing of ours.
"""

import contextlib
import itertools
import json
import logging
import os
import random
import re
import select
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

CONNECT_WITHIN_S = 10
RANDOM = re.compile(r"\{random:(\d+):(\d+)\}")

Run = Callable[[str], None]
Session = tuple[Run, Callable[[], int]]
"""How a statement is run, and the descriptor of the session's socket."""


def filled(statement: str, *, worker: int, turn: int) -> str:
    """A statement with its placeholders filled in."""
    statement = statement.replace("{worker}", str(worker)).replace("{n}", str(turn))
    return RANDOM.sub(lambda m: str(random.randint(int(m[1]), int(m[2]))), statement)  # noqa: S311


@contextlib.contextmanager
def postgres(spec: dict[str, Any]) -> Iterator[Session]:
    """A session on PostgreSQL."""
    import psycopg

    names = ("host", "port", "user", "password")
    with psycopg.connect(
        **{name: spec[name] for name in names},
        dbname=spec["database"],
        application_name=spec["program"],
        connect_timeout=CONNECT_WITHIN_S,
        autocommit=True,
    ) as session:
        yield lambda statement: void(session.execute(statement)), session.fileno


@contextlib.contextmanager
def mysql(spec: dict[str, Any]) -> Iterator[Session]:
    """A session on MySQL."""
    import pymysql

    session = pymysql.connect(
        **{name: spec[name] for name in ("host", "port", "user", "password")},
        database=spec["database"] or None,
        program_name=spec["program"],
        connect_timeout=CONNECT_WITHIN_S,
        autocommit=True,
        ssl={"check_hostname": False},  # a first sign-in needs TLS; the server signs for itself
    )
    with session, session.cursor() as cursor:
        yield lambda statement: void(cursor.execute(statement)), socket_of(session).fileno


@contextlib.contextmanager
def redis(spec: dict[str, Any]) -> Iterator[Session]:
    """A session on Redis."""
    import redis as client
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    ended = False
    session = client.Redis(
        host=spec["host"],
        port=spec["port"],
        username=spec["user"] or None,
        password=spec["password"] or None,
        client_name=spec["program"],
        socket_connect_timeout=CONNECT_WITHIN_S,
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
    )

    def run(line: str) -> None:
        nonlocal ended
        if ended:  # the driver would sign in again by itself
            raise client.ConnectionError("the server ended the session")
        try:
            session.execute_command(*shlex.split(line))  # type: ignore[no-untyped-call]
        except client.ConnectionError:
            ended = True
            raise

    with contextlib.closing(session):
        session.ping()
        yield run, socket_of(session.connection).fileno


def socket_of(connection: Any) -> Any:
    """The socket of a driver that does not tell."""
    return connection._sock  # noqa: SLF001


def void(_: object) -> None:
    """Nothing comes of it."""


DRIVERS = {"postgres": postgres, "mysql": mysql, "redis": redis}
AFTER_ERROR = {"postgres": "ROLLBACK", "mysql": "ROLLBACK", "redis": "ECHO ok"}
"""What a session does after an error: raises again where the session is dead."""


def turn(run: Run, spec: dict[str, Any], statements: Sequence[str], *, worker: int, n: int) -> None:
    """Run the statements once."""
    for statement in statements:
        run(filled(statement, worker=worker, turn=n))
        time.sleep(spec["within_ms"] / 1000)


def serve(spec: dict[str, Any], worker: int, opened: Callable[[], object]) -> None:
    """One session's life; *opened* is called once it has begun."""
    with DRIVERS[spec["driver"]](spec) as (run, descriptor):
        opened()
        if spec["transaction"] and not spec["loop"]:
            run("BEGIN")
        turn(run, spec, spec["begin"], worker=worker, n=0)
        if not spec["loop"]:
            hold(spec, descriptor())
        for n in itertools.count():
            loop_once(run, spec, worker, n)
            time.sleep(spec["pause_ms"] / 1000)


def hold(spec: dict[str, Any], descriptor: int) -> None:
    """Sit there for ever; who is to come back notices that the server has ended the session."""
    if not spec["respawn"]:
        threading.Event().wait()
    select.select([descriptor], [], [])
    raise ConnectionError("the server ended the session")


def loop_once(run: Run, spec: dict[str, Any], worker: int, n: int) -> None:
    """One turn; an error in it is told, and the session goes on if it still can."""
    statements = ["BEGIN", *spec["loop"], "COMMIT"] if spec["transaction"] else spec["loop"]
    try:
        turn(run, spec, statements, worker=worker, n=n)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises
        logging.warning("%s[%d]: %s", spec["program"], worker, error)
        run(AFTER_ERROR[spec["driver"]])


def keep(spec: dict[str, Any], worker: int) -> None:
    """A session, asked for until the server grants it, and its successors where it comes back."""
    opened = threading.Event()
    while not opened.is_set() or spec["respawn"]:
        try:
            serve(spec, worker, opened.set)
        except Exception as error:  # noqa: BLE001 - see above
            logging.warning("%s[%d]: %s", spec["program"], worker, error)
        time.sleep(spec["away_ms"] / 1000)


def main() -> None:
    """All sessions; over when none is left."""
    spec = json.loads(os.environ["ACTOR"])
    threads = [threading.Thread(target=keep, args=(spec, n), daemon=True) for n in range(spec["sessions"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
