"""`lab fault`: done, seen and undone by what is on disk alone; each trouble with its words and exit code."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from faults.actors import IMAGE_VARIABLE, LABEL
from faults.store import Store
from lab.cli import run
from lab.stack import state
from lab.stack.places import home, lab_dir
from lab.stack.state import LabState
from tests.faults.net.server import Pair, called, calling
from tests.faults.postgres import server as postgres
from tests.faults.redis.server import PASSWORDS, SPEC, Redis, primary
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

Lab = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def lab(yard: Yard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Types a command about the lab whose containers are the yard's."""
    monkeypatch.setenv("LAB_NAME", yard.label)
    secrets = {f"REDIS_{user.upper()}_PASSWORD": password for user, password in PASSWORDS.items()}
    state.save(
        LabState(
            name=yard.label,
            run_id="20260102-150405-none-1f2e",
            scenario="none",
            phase="up",
            began_t=0.0,
            speed=1.0,
            calm=False,
            seed=1,
            ports={},
            images={},
            api_images={},
            secrets=secrets,
        )
    )

    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["fault", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


@pytest.fixture
def redis(yard: Yard) -> Redis:
    """A server of the lab."""
    return primary(yard)


@pytest.fixture
def pair(yard: Yard) -> Pair:
    """Two containers of the lab, of which the first serves."""
    server = called(yard)
    server.wait()
    return server


def receipts(folder: Path) -> Sequence[object]:
    return Store(folder=folder / "faults").open()


def test_a_fault_is_done_to_a_labs_server_seen_and_undone(lab: Lab, redis: Redis) -> None:
    words = ("inject", "redis.maxmemory_noeviction", "--target", redis.name)
    code, said, _ = lab(*words)
    assert code == 0
    assert "is in effect" in said
    assert "lab fault revert redis.maxmemory_noeviction-" in said
    assert "OutOfMemory" in redis.error("SET", "page:x", "y")
    code, said, _ = lab("active", "--json")
    (one,) = json.loads(said)
    assert (one["fault"], one["target"], one["stands"]) == (words[1], redis.name, "active")
    assert lab("revert", "--all")[0] == 0
    assert redis.error("SET", "page:x", "y") == ""
    assert lab("active")[1] == "no fault is open\n"


def test_who_ended_it_is_said(lab: Lab, redis: Redis) -> None:
    assert lab("inject", "redis.maxmemory_noeviction", "--target", redis.name)[0] == 0
    redis.run("CONFIG", "SET", "maxmemory", "128mb", user="oncall")
    assert "ended by a person" in lab("active")[1]
    assert lab("revert", "redis.maxmemory_noeviction")[0] == 0


def test_a_container_outside_labs_with_logins_from_the_environment(
    lab: Lab, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_SHOPS", PASSWORDS["shop"])
    monkeypatch.setenv("THE_ADMINS", PASSWORDS["admin"])
    where = ("--container", redis.name, "--login", "shop=THE_SHOPS", "--login", "admin=THE_ADMINS")
    code, said, error = lab("inject", "redis.clients_exhausted", *where, "--json")
    assert code == 0, error
    assert json.loads(said)["target"] == redis.name
    assert receipts(home())
    assert not receipts(lab_dir(redis.name))
    assert "active" in lab("active")[1]
    assert lab("revert", "redis.clients_exhausted")[0] == 0
    redis.wait()


def test_a_fault_that_does_not_bite_is_reverted_and_exits_1(
    lab: Lab, yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_SHOPS", "is another one")
    where = ("--container", postgres.primary(yard).name, "--login", "shop=THE_SHOPS")
    code, _, error = lab("inject", "postgres.idle_in_transaction", *where)
    assert code == 1
    assert "did not bite" in error
    assert not receipts(home())


@pytest.mark.parametrize(
    ("first", "second"), [("target", "target"), ("target", "container"), ("container", "target")]
)
def test_two_that_touch_the_same_exclude_each_other(lab: Lab, pair: Pair, first: str, second: str) -> None:
    assert lab("inject", "net.latency", f"--{first}", pair.name)[0] == 0
    try:
        code, _, error = lab("inject", "net.bandwidth", f"--{second}", pair.name)
        assert code == 2
        assert "which net.latency holds" in error
        assert "lab fault revert net.latency-" in error
    finally:
        assert lab("revert", "--all")[0] == 0


def test_without_its_tools_nothing_is_touched(lab: Lab, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(IMAGE_VARIABLE, "sev0/not-there:1")
    code, _, error = lab("inject", "net.partition", "--target", pair.name)
    assert code == 3
    assert "image sev0/not-there:1 is not there" in error
    assert not receipts(lab_dir(pair.name.rpartition("-")[0]))
    assert pair.probe("attempts", 1)["errors"] == []


def test_a_target_that_does_not_run(lab: Lab, yard: Yard, pair: Pair, engine: docker.DockerClient) -> None:
    caller = engine.containers.get(calling(yard).name)
    caller.stop()
    try:
        code, _, error = lab("inject", "net.partition", "--target", str(caller.name))
        assert code == 2
        assert f"{caller.name} does not run" in error
    finally:
        caller.start()


def test_a_target_of_another_engine(lab: Lab, redis: Redis) -> None:
    code, _, error = lab("inject", "postgres.missing_index", "--target", redis.name)
    assert code == 2
    assert f"{redis.name} runs redis, and the fault is one of postgres" in error


def test_no_target_of_that_name(lab: Lab, redis: Redis) -> None:
    code, _, error = lab("inject", "net.loss", "--target", redis.name[:-1])
    assert code == 2
    assert f"did you mean {redis.name}?" in error


def test_no_target_at_all(lab: Lab, redis: Redis) -> None:
    code, _, error = lab("inject", "mysql.commit_delay")
    assert code == 2
    assert "say what to do it to" in error


def test_no_container_of_that_name_outside(lab: Lab) -> None:
    code, _, error = lab("inject", "net.loss", "--container", "nobody-has-this-name")
    assert code == 2
    assert "no container nobody-has-this-name" in error


@pytest.fixture
def short_lived(yard: Yard, engine: docker.DockerClient) -> Iterator[str]:
    """A container that may go."""
    name = f"{yard.label}-short-lived"
    made = engine.containers.run(
        yard.image("actor"), ["sleep", "600"], name=name, labels={"dev.sev0.lab": yard.label}, detach=True
    )
    yield name
    if engine.containers.list(all=True, filters={"name": name}):
        made.remove(force=True)


def test_a_target_that_is_gone_took_its_fault_with_it(
    lab: Lab, short_lived: str, engine: docker.DockerClient
) -> None:
    code, _, error = lab("inject", "net.name_resolves_wrongly", "--target", short_lived)
    assert code == 0, error
    engine.containers.get(short_lived).remove(force=True)
    assert "target gone" in lab("active")[1]
    code, said, _ = lab("revert", "--all")
    assert code == 0
    assert "target gone" in said
    assert lab("active")[1] == "no fault is open\n"


@pytest.fixture
def lone(yard: Yard, engine: docker.DockerClient) -> Iterator[Redis]:
    """A server of its own, which may be cut off, and may go."""
    server = yard.get(Redis, replace(SPEC, name="redis-lone"))
    yield server
    for left in engine.containers.list(all=True, filters={"name": server.name}):
        left.remove(force=True, v=True)


def test_a_server_that_is_cut_off_from_its_network_is_not_gone(lab: Lab, lone: Redis, yard: Yard) -> None:
    assert lab("inject", "redis.maxmemory_noeviction", "--target", lone.name)[0] == 0
    yard.engine.networks.get(yard.network).disconnect(lone.name)
    assert " active\n" in lab("active")[1]
    assert lab("revert", "--all")[0] == 0
    assert lab("active")[1] == "no fault is open\n"


def test_what_stands_beside_a_target_that_is_gone_goes_too(
    lab: Lab, lone: Redis, engine: docker.DockerClient
) -> None:
    code, _, error = lab("inject", "redis.clients_exhausted", "--target", lone.name)
    assert code == 0, error
    beside = f"{LABEL}={lone.name}"
    assert engine.containers.list(all=True, filters={"label": beside})
    engine.containers.get(lone.name).remove(force=True, v=True)
    assert "target gone" in lab("revert", "--all")[1]
    assert engine.containers.list(all=True, filters={"label": beside}) == []


@pytest.fixture
def sharing(yard: Yard, engine: docker.DockerClient) -> Iterator[str]:
    """A container that has its machine's network."""
    made = engine.containers.run(
        yard.image("actor"),
        ["sleep", "600"],
        network_mode="host",
        labels={"dev.sev0.lab": yard.label},
        detach=True,
    )
    yield str(made.name)
    made.remove(force=True)


def test_a_network_that_others_share_is_left_alone(lab: Lab, sharing: str) -> None:
    code, _, error = lab("inject", "net.latency", "--target", sharing)
    assert code == 2
    assert "no network of its own" in error
