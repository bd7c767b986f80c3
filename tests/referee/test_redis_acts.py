"""What is typed into the shop's own Redis is seen: by the address that it comes from, or by its effect."""

import threading
import time
from collections.abc import Callable, Iterator

import docker
import pytest
import redis as client

from faults.wait import until
from lab.referee.samplers.redis_acts import RedisActs
from lab.referee.samplers.redis_line import Act
from lab.referee.samplers.redis_looks import Found, Injects
from lab.referee.samplers.redis_server import RedisServer
from lab.referee.samplers.redis_settings import ServerSettings
from tests import labelled
from tests.shop.servers import PASSWORDS, Running
from tests.shop.stack import Stack

pytestmark = pytest.mark.docker

ONCALL = PASSWORDS["REDIS_ONCALL_PASSWORD"]


@pytest.fixture(scope="module")
def redis(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Running]:
    """The shop's Redis."""
    with labelled.own() as label:
        yield Stack(engine, label, image).redis()


@pytest.fixture
def oncall(redis: Running) -> Iterator[client.Redis]:
    """The trainee's connection."""
    with client.Redis(port=redis.port, username="oncall", password=ONCALL) as session:
        until(lambda: session.ping() or None, what="Redis answers", timeout_s=20, ignore=(client.RedisError,))
        yield session


class Follower:
    """The sampler, and all that it has seen."""

    def __init__(self, acts: RedisActs) -> None:
        self.acts = acts
        self.texts: list[str] = []

    def waits_for(self, text: str) -> None:
        """Wait until it has seen a command."""

        def seen() -> bool | None:
            self.texts += [act.text for act in self.acts.acts()]
            return text in self.texts or None

        until(seen, what=f"{text!r} is seen", timeout_s=30)


@pytest.fixture
def follower(redis: Running, oncall: client.Redis) -> Iterator[Follower]:
    """One for whom this test is the toolbox."""
    acts, stop = RedisActs(watched(redis)), threading.Event()
    acts.toolbox = address_of(oncall)
    thread = threading.Thread(target=acts.run, args=(stop,), daemon=True)
    thread.start()
    assert acts.following.wait(30)
    yield Follower(acts)
    stop.set()
    oncall.ping()  # it looks up at each line
    thread.join(30)
    assert not thread.is_alive()


def watched(redis: Running) -> RedisServer:
    """The server as the referee reaches it."""
    password = PASSWORDS["REDIS_REFEREE_PASSWORD"]
    return RedisServer(host="127.0.0.1", port=redis.port, user="referee", password=password)


def address_of(session: client.Redis) -> str:
    """Where the server sees the session come from."""
    return str(session.client_info()["addr"]).rpartition(":")[0]


def types(session: client.Redis, command: str) -> None:
    """Send a command as a person would type it."""
    session.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_what_is_typed_is_seen_and_passwords_are_not(follower: Follower, oncall: client.Redis) -> None:
    """In the order in which it was typed."""
    oncall.set("session:x", "two words")
    types(oncall, f"AUTH oncall {ONCALL}")
    types(oncall, f"HELLO 3 AUTH oncall {ONCALL}")
    types(oncall, "DEL session:x")
    types(oncall, "FLUSHALL")
    follower.waits_for("FLUSHALL")
    assert follower.texts == ['SET session:x "two words"', "DEL session:x", "FLUSHALL"]


def test_one_whose_connection_is_ended_comes_back(follower: Follower, oncall: client.Redis) -> None:
    """A trainee may end any client's connection."""
    oncall.set("session:before", "1")
    follower.waits_for("SET session:before 1")
    (ended,) = (one["id"] for one in oncall.client_list() if one["user"] == "referee")
    oncall.client_kill_filter(_id=ended)

    def back() -> bool | None:
        others = [one for one in oncall.client_list() if one["user"] == "referee" and one["id"] != ended]
        return bool(others and others[0]["cmd"] == "monitor") or None

    until(back, what="the follower is back", timeout_s=30)
    oncall.set("session:after", "1")
    follower.waits_for("SET session:after 1")


def test_others_are_not_the_trainee(redis: Running, oncall: client.Redis) -> None:
    """Nothing of the shop's is written down."""
    server = watched(redis)
    acts, lines = RedisActs(server), server.monitor()
    acts.toolbox = "10.9.9.9"
    assert next(lines) == b"+OK"
    oncall.set("session:shop", "1")
    while b"session:shop" not in (line := next(lines)):
        pass
    acts._take(line)
    assert acts.acts() == []
    acts.toolbox = address_of(oncall)
    acts._take(line)
    assert [act.text for act in acts.acts()] == ["SET session:shop 1"]


class Looker:
    """Who looks at the settings, what it found, and the timeline's faults as it is told of them."""

    def __init__(self, redis: Running) -> None:
        self.injects = Injects()
        self.looking = ServerSettings(
            watched(redis), name="redis", injects=lambda: self.injects, now=time.time
        )
        self.found: list[Found] = []

    def looks(self) -> None:
        """Wait until it has looked twice more: the first may have begun before."""
        for _ in range(2):
            self.looking.looked.clear()
            assert self.looking.looked.wait(30)
        self.found += self.looking.changes()

    def texts(self) -> list[str]:
        """What is said of the trainee."""
        return [str(one.detail()["text"]) for one in self.found if isinstance(one, Act)]


@pytest.fixture
def looker(redis: Running, oncall: client.Redis) -> Iterator[Looker]:
    """One that has looked."""
    looker, stop = Looker(redis), threading.Event()
    thread = threading.Thread(target=looker.looking.run, args=(stop,), daemon=True)
    thread.start()
    looker.looks()
    yield looker
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_what_no_monitor_shows_is_read_off_the_server(looker: Looker, oncall: client.Redis) -> None:
    """Once each, and a look at the settings is none."""
    types(oncall, "CONFIG GET maxmemory")
    types(oncall, "CONFIG SET maxmemory 256mb maxmemory-policy allkeys-lru")
    looker.looks()
    types(oncall, "CONFIG SET masterauth hunter2")
    types(oncall, "CLIENT KILL TYPE pubsub")
    looker.looks()
    looker.looks()
    assert looker.texts() == [
        "CONFIG SET maxmemory 268435456",
        "CONFIG SET maxmemory-policy allkeys-lru",
        "CONFIG SET masterauth …",
        "CLIENT KILL (…)",
    ]
    assert not [one for one in looker.found if "hunter2" in str(one)]


def test_what_a_fault_sets_is_not_the_trainees_and_what_undoes_it_is(
    looker: Looker, oncall: client.Redis
) -> None:
    oncall.config_set("maxmemory", "134217728")
    looker.looks()
    looker.found.clear()
    looker.injects = Injects(begun=frozenset({0}))
    oncall.config_set("maxmemory", "1048576")
    looker.looks()
    looker.injects = Injects(begun=frozenset({0}), done=frozenset({0}))
    looker.looks()
    assert looker.texts() == []
    oncall.config_set("maxmemory", "134217728")
    looker.looks()
    assert looker.texts() == ["CONFIG SET maxmemory 134217728"]


def test_a_restart_sets_nothing(redis: Running, looker: Looker, oncall: client.Redis) -> None:
    """It puts back what was set at run time, and that is said."""
    oncall.config_set("maxmemory", "200mb")
    looker.looks()
    looker.found.clear()
    redis.container.restart(timeout=20)
    looker.looking._server = watched(redis)  # elsewhere by now
    looker.looks()
    assert looker.texts() == []
    [reset] = looker.found
    assert reset.kind == "settings_reset"
    assert dict(reset.detail())["settings"]["maxmemory"] == "134217728"  # type: ignore[index]
