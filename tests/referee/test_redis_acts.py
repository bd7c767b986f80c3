"""What is typed into the shop's own Redis is seen, by the address that it comes from."""

import threading
from collections.abc import Iterator

import docker
import pytest
import redis as client

from faults.wait import until
from lab.engine.runner import SystemRunner
from lab.referee.samplers.redis_acts import RedisActs, RedisServer
from lab.stack.build import Builder
from lab.stack.containers import Labelled
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.shop.servers import PASSWORDS, Running
from tests.shop.stack import Stack

pytestmark = pytest.mark.docker

LABEL = "test-referee-redis"
ONCALL, REFEREE = PASSWORDS["REDIS_ONCALL_PASSWORD"], PASSWORDS["REDIS_REFEREE_PASSWORD"]


@pytest.fixture(scope="module")
def redis(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The shop's Redis."""
    runner, root = SystemRunner(), checkout()
    builder = Builder(runner=runner, root=root, logs=tmp_path_factory.mktemp("logs"))
    image = image_set(()).services["redis"]
    if builder.missing([image]):
        builder.build(image, lambda _: None)
    yield Stack(engine, LABEL, lambda _: image.tag(root)).redis()
    labelled = Labelled(runner=runner)
    labelled.remove(labelled.things(LABEL))


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
    server = RedisServer(host="127.0.0.1", port=redis.port, user="referee", password=REFEREE)
    acts, stop = RedisActs(server), threading.Event()
    acts.toolbox = address_of(oncall)
    thread = threading.Thread(target=acts.run, args=(stop,), daemon=True)
    thread.start()
    assert acts.following.wait(30)
    yield Follower(acts)
    stop.set()
    oncall.ping()  # it looks up at each line
    thread.join(30)
    assert not thread.is_alive()


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
    told = [text for text in follower.texts if text.split()[0] not in ("AUTH", "HELLO")]
    assert told == ['SET session:x "two words"', "DEL session:x", "FLUSHALL"]
    assert not [text for text in follower.texts if ONCALL in text]


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
    server = RedisServer(host="127.0.0.1", port=redis.port, user="referee", password=REFEREE)
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
