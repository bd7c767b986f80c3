"""What of MySQL's general log is the trainee's."""

import threading
from collections.abc import Iterator

import pytest

from faults.mysql.server import QUIET
from lab.referee.samplers.following import MysqlLog
from lab.referee.samplers.mysql_log import Reader
from lab.referee.samplers.postgres_log import Statement

T = 1795314406.119
TOOLBOX = "10.0.0.7"
GREETING = (
    "/usr/sbin/mysqld, Version: 9.7.4 ((Debian)). started with:",
    "Tcp port: 3306  Unix socket: /run/x",
)


def line(said: str, *, session: int = 12, command: str = "Query", ms: int = 0) -> str:
    """A line as the server writes it."""
    return f"2026-11-22T02:26:46.{119 + ms}000Z\t{session:5} {command}\t{said}"


def connect(user: str, host: str, *, session: int = 12) -> str:
    return line(f"{user}@{host} on shop using SSL/TLS", session=session, command="Connect")


def said(*lines: str, toolbox: str = TOOLBOX) -> list[Statement]:
    """What a reader makes of these lines."""
    reader = Reader()
    reader.toolbox = toolbox
    found = [*(reader.read(one) for one in lines), reader.rest()]
    return [one for one in found if one is not None]


@pytest.mark.parametrize(
    ("user", "host", "theirs"),
    [
        ("dba", "10.0.0.9", True),
        ("dba", "localhost", True),
        ("shop", TOOLBOX, True),
        ("shop", "10.0.0.2", False),
        ("referee", "10.0.0.3", False),
    ],
)
def test_the_trainees_sessions_are_those_of_the_dba_and_of_the_toolbox(
    user: str, host: str, theirs: bool
) -> None:
    """Whatever role they use from there."""
    found = said(*GREETING, connect(user, host), line("kill 7"), line("", command="Quit"))
    assert found == ([Statement(t=T, text="kill 7", role=user)] if theirs else [])


def test_a_session_is_known_by_its_number() -> None:
    lines = (
        connect("dba", "h", session=1),
        connect("shop", "h", session=2),
        line("select 'shop'", session=2),
        line("select 'dba'", session=1),
        line("", session=1, command="Quit"),
        connect("shop", "h", session=1),  # after a restart numbers begin anew
        line("select 'again'", session=1),
    )
    assert [one.text for one in said(*lines)] == ["select 'dba'"]


def test_a_refused_session_is_nobodys() -> None:
    refused = line("Access denied for user 'dba'@'h' (using password: YES)", command="Connect")
    assert said(refused, line("select 1")) == []


def test_a_statement_of_several_lines_is_one() -> None:
    found = said(
        connect("dba", "h"), line("alter table t"), "", "  add primary key (id)", line("x", session=3)
    )
    assert [one.text for one in found] == ["alter table t\n\n  add primary key (id)"]


def test_what_a_client_asks_by_itself_and_what_a_fault_does_is_not_the_trainees() -> None:
    lines = (
        connect("dba", "h"),
        line("select @@version_comment limit 1"),
        line("SELECT DATABASE()"),
        line(QUIET),
        line("shop", command="Init DB"),
        line("set session sql_log_off = 1"),
    )
    assert [one.text for one in said(*lines)] == ["set session sql_log_off = 1"]


def test_what_is_read_again_is_not_told_again() -> None:
    """After the server's restart its log is read from the beginning once more, and goes on."""
    reader = Reader()
    lines = (connect("dba", "h"), line("select 1"))
    first = [*(reader.read(one) for one in lines), reader.rest()]
    reader.begin()
    second = [*(reader.read(one) for one in (*lines, line("select 2", ms=5))), reader.rest()]
    assert [one.text for one in (*first, *second) if one] == ["select 1", "select 2"]


class File:
    """A file whose end comes after two pieces; then the server is gone."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def follow_file(self, name: str, path: str, *, user: str) -> Iterator[bytes]:
        text = "\n".join((*GREETING, connect("dba", "h"), line("stop replica"), line("kill 8", ms=1), ""))
        assert (name, path, user) == ("mysql-replica", "/run/mysqld/general.log", "mysql")
        yield text[:200].encode()
        yield text[200:].encode()
        self._stop.set()


@pytest.mark.parametrize(("since_t", "texts"), [(0.0, ["stop replica", "kill 8"]), (T, ["kill 8"])])
def test_a_servers_log_is_followed_from_where_the_history_ends(since_t: float, texts: list[str]) -> None:
    stop = threading.Event()
    log = MysqlLog(File(stop), since_t=since_t, service="mysql-replica")
    log.run(stop)
    found = [*log.statements(), *log.statements()]
    assert [one.text for one in found] == texts
    assert log.statements() == ()
