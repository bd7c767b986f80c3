"""What changed between two looks at Redis, and whose doing it was."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from faults.redis.eviction_storm import EvictionStorm
from faults.wait import until
from lab.history.journal import Journal
from lab.referee.config import read_config
from lab.referee.recorder import Recorder
from lab.referee.redis_servers import injects_of, settings_of_redis
from lab.referee.samplers.redis_line import Act
from lab.referee.samplers.redis_looks import Found, Injects, Look, Reset, Unclear, compared, look_of
from lab.referee.samplers.redis_server import RedisServer
from lab.referee.samplers.redis_settings import ServerSettings
from lab.scenario import Inject
from tests.unit.histories import SCENARIO
from tests.unit.test_shop_wiring import referee_environment

SETTINGS = {"maxmemory": "134217728", "maxmemory-policy": "volatile-lru", "masterauth": "", "save": "60 1"}
THEN = Look(t=10.0, run_id="a", settings=SETTINGS, calls={"client|kill": 2})
NOW = replace(THEN, t=11.0)


def texts(before: Look, after: Look) -> list[str]:
    """What the trainee is said to have done."""
    return [found.text for found in compared("redis", before, after) if isinstance(found, Act)]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, []),
        ({"maxmemory": "268435456"}, ["CONFIG SET maxmemory 268435456"]),
        (
            {"maxmemory-policy": "noeviction", "maxmemory": "0"},
            ["CONFIG SET maxmemory 0", "CONFIG SET maxmemory-policy noeviction"],
        ),
        ({"save": ""}, ['CONFIG SET save ""']),
        ({"save": "3600 1 60 5"}, ['CONFIG SET save "3600 1 60 5"']),
        ({"masterauth": "hunter2"}, ["CONFIG SET masterauth …"]),
        ({"masteruser": "hunter2"}, ["CONFIG SET masteruser …"]),
        ({"requirepass": "hunter2"}, ["CONFIG SET requirepass …"]),
        ({"tls-key-file-pass": "hunter2"}, ["CONFIG SET tls-key-file-pass …"]),
    ],
)
def test_every_setting_that_differs_is_an_act_and_passwords_are_hidden(
    now: dict[str, str], said: list[str]
) -> None:
    assert texts(THEN, replace(NOW, settings={**SETTINGS, **now})) == said


def test_an_act_says_when_and_where_it_was_seen() -> None:
    [act] = compared("redis-replica", THEN, replace(NOW, settings={**SETTINGS, "maxmemory": "1"}))
    assert (act.kind, act.t) == ("redis", 11.0)
    assert act.detail() == {
        "text": "CONFIG SET maxmemory 1",
        "who": "trainee",
        "seen_in": "the settings of redis-replica",
    }


LOWERED = {**SETTINGS, "maxmemory": "583200"}


@pytest.mark.parametrize(
    ("done_before", "begun_after", "said"),
    [
        # It began after one look, and was begun when the next one was over, whether it was done then or not.
        (set(), {0}, []),
        ({0}, {0}, ["CONFIG SET maxmemory 583200"]),
        ({0}, {0, 1}, []),
    ],
)
def test_what_changes_while_a_fault_is_done_is_the_labs(
    done_before: set[int], begun_after: set[int], said: list[str]
) -> None:
    then = replace(THEN, done=frozenset(done_before))
    assert texts(then, replace(NOW, settings=LOWERED, begun=frozenset(begun_after))) == said


def test_after_a_fault_it_is_compared_with_what_the_fault_left() -> None:
    during = replace(NOW, settings=LOWERED, begun=frozenset({0}))
    after = replace(during, t=12.0, done=frozenset({0}))
    assert texts(during, after) == []
    assert texts(after, replace(after, t=13.0, settings=SETTINGS)) == ["CONFIG SET maxmemory 134217728"]


@pytest.mark.parametrize(("apart_s", "unclear"), [(4.0, False), (40.0, True)])
@pytest.mark.parametrize("settings", [LOWERED, SETTINGS], ids=["changed", "as before"])
def test_a_server_that_was_not_read_from_before_a_fault_on_leaves_it_unclear_who_set_what(
    apart_s: float, unclear: bool, settings: dict[str, str]
) -> None:
    """What the trainee set back does not even differ."""
    after = replace(NOW, t=10.0 + apart_s, settings=settings, begun=frozenset({0}), done=frozenset({0}))
    told = compared("redis", THEN, after)
    assert told == ((Unclear(t=after.t, server="redis", since_t=10.0),) if unclear else ())
    later = replace(after, t=after.t + apart_s)
    assert compared("redis", after, later) == ()


def test_what_a_restart_puts_back_is_nobodys_act() -> None:
    lowered = replace(THEN, settings={**LOWERED, "masterauth": "hunter2"})
    restarted = replace(NOW, run_id="b", calls={"client|kill": 0}, settings={**SETTINGS, "masterauth": "x"})
    assert compared("redis", lowered, restarted) == (
        Reset(t=11.0, server="redis", settings={"masterauth": "…", "maxmemory": "134217728"}),
    )
    assert compared("redis", THEN, replace(NOW, run_id="b")) == ()


@pytest.mark.parametrize(
    ("calls", "said"),
    [(2, []), (3, ["CLIENT KILL (…)"]), (5, ["CLIENT KILL (…), 3 times"]), (1, ["CLIENT KILL (…)"]), (0, [])],
)
def test_commands_that_are_only_counted_are_acts_too(calls: int, said: list[str]) -> None:
    """Fewer than before: the counters were reset."""
    now = replace(NOW, calls={"client|kill": calls})
    assert texts(THEN, now) == said
    assert [f.detail().get("seen_in") for f in compared("redis", THEN, now)] == [
        "the counters of redis"
    ] * len(said)


STATS = """# Commandstats\r
cmdstat_client|kill:calls=5,usec=90,usec_per_call=18.00,rejected_calls=7,failed_calls=2\r
cmdstat_config|get:calls=99,usec=9000,usec_per_call=90.91,rejected_calls=0,failed_calls=0\r
cmdstat_acl|setuser:calls=1,usec=50,usec_per_call=50.00,rejected_calls=0,failed_calls=0\r
"""


def test_what_the_server_answers_is_read() -> None:
    """Old names of a setting are told beside its new one, a command that failed did nothing, and the trainee
    has no right to change users.
    """
    settings = ["slave-priority", "100", "replica-priority", "100", "lua-time-limit", "5", "maxmemory", "1"]
    look = look_of(7.0, "# Server\r\nrun_id:abc\r\ntcp_port:6379\r\n", settings, STATS, Injects())
    assert (look.t, look.run_id) == (7.0, "abc")
    assert look.settings == {"replica-priority": "100", "busy-reply-threshold": "5", "maxmemory": "1"}
    assert look.calls == {"client|kill": 3, "client|pause": 0, "client|unpause": 0}


def test_the_timelines_faults_of_a_server_are_known_from_the_journal(tmp_path: Path) -> None:
    """Those of another server do not count."""
    storm = EvictionStorm()
    timeline = tuple(Inject(at_s=0, fault=storm, on=on) for on in ("redis-replica", "redis"))
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        recorder = Recorder(journal, now=lambda: 1.0, keep_s=60)
        injects = injects_of("redis", replace(SCENARIO, timeline=timeline), recorder)
        for n in (0, 1):
            recorder.event("injected", {"n": n, "fault": "x", "receipt": {}})
        assert injects() == Injects(begun=frozenset({1}))
        recorder.event("inject_active", {"n": 1})
        assert injects() == Injects(begun=frozenset({1}), done=frozenset({1}))


@pytest.mark.parametrize(
    ("services", "names"), [((), ["redis"]), (("redis-replica",), ["redis", "redis-replica"])]
)
def test_each_redis_that_the_lab_has_is_looked_at(
    services: tuple[str, ...], names: list[str], tmp_path: Path
) -> None:
    config = read_config(referee_environment(("postgres", "redis", *services)))
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        recorder = Recorder(journal, now=lambda: 1.0, keep_s=60)
        looking = settings_of_redis(config, SCENARIO, recorder, now=lambda: 1.0)
    assert [(one._name, one._server.host) for one in looking._servers] == [(name, name) for name in names]


class Redis:
    """Answers as a server does, over a socket: its settings are what a test says that they are."""

    def __init__(self) -> None:
        self.settings = dict(SETTINGS)
        self.broken = False
        self.commands: list[list[str]] = []

    def answer(self, words: list[str]) -> bytes:
        self.commands.append(words)
        if self.broken and words[0] == "CONFIG":
            return b"-BUSY Redis is busy running a script.\r\n"
        match words:
            case ["AUTH", "referee", "right"]:
                return b"+OK\r\n"
            case ["INFO", "server"]:
                return bulk("run_id:abc\r\n")
            case ["INFO", _]:
                return bulk(STATS)
            case ["CONFIG", "GET", "*"]:
                flat = [word for pair in self.settings.items() for word in pair]
                return b"*%d\r\n" % len(flat) + b"".join(map(bulk, flat))
        return b"-WRONGPASS invalid username-password pair\r\n"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                while head := lines.readline():
                    words = []
                    for _ in range(int(head[1:])):
                        size = int(lines.readline()[1:])
                        words.append(lines.read(size + 2)[:-2].decode())
                    connection.sendall(self.answer(words))


def bulk(text: str) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(text.encode()), text.encode())


@contextmanager
def listening(redis: Redis) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=redis.serve, args=(server,), daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


def server(port: int, word: str = "right") -> RedisServer:
    return RedisServer(host="127.0.0.1", port=port, user="referee", password=word)


def test_an_error_and_a_wrong_password_are_the_servers_trouble() -> None:
    redis = Redis()
    with listening(redis) as port:
        with pytest.raises(ConnectionError, match="WRONGPASS"), server(port, "wrong").session():
            pass
        with server(port).session() as ask:
            assert ask("INFO", "server") == "run_id:abc\r\n"
            redis.broken = True
            with pytest.raises(ConnectionError, match="BUSY"):
                ask("CONFIG", "GET", "*")


def test_a_thread_looks_on_through_errors_and_tells_each_change_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lab.referee.samplers.redis_settings.EVERY_S", 0.02)
    monkeypatch.setattr("lab.referee.samplers.redis_settings.RETRY_S", 0.02)
    redis, stop = Redis(), threading.Event()
    with listening(redis) as port:
        looking = ServerSettings(server(port), name="redis", injects=Injects, now=lambda: 5.0)
        thread = threading.Thread(target=looking.run, args=(stop,))
        thread.start()
        assert looking.looked.wait(20)
        redis.broken = True
        soon(lambda: redis.commands.count(["AUTH", "referee", "right"]) > 2, "it signs in again")
        redis.settings["maxmemory"] = "0"
        redis.broken = False
        found: list[Found] = []

        def seen() -> bool:
            found.extend(looking.changes())
            return bool(found)

        soon(seen, "the change is seen")
        looks = len(redis.commands)
        soon(lambda: len(redis.commands) > looks + 10, "it looks again")
        stop.set()
        thread.join(20)
    assert [*found, *looking.changes()] == [
        Act(t=5.0, text="CONFIG SET maxmemory 0", seen_in="the settings of redis")
    ]


def soon(happened: Callable[[], bool], what: str) -> None:
    until(lambda: happened() or None, what=what, timeout_s=20, every_s=0.01)
