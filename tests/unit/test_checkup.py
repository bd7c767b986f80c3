"""What `lab doctor` finds: each state of engine, plugins, room, ports, images and labs, and what to type."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.engine.daemon import Ours
from lab.engine.ensure import EngineWanted
from lab.engine.find import State
from lab.engine.machine import Machine
from lab.engine.runner import TIMED_OUT, Output
from lab.stack import lock, ports, state
from lab.stack.checkup import Checkup, Finding, Health
from lab.stack.disk import GIB
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.unit.recording import MISSING, RecordingRunner
from tests.unit.test_stack_compose import STATE

UBUNTU = Machine(distro="ubuntu", codename="noble", as_root=("sudo", "-n"), systemd=True)
FEDORA = Machine(distro="fedora", codename="", as_root=(), systemd=True)
LOCAL = Output(exit_code=0, text="unix:///var/run/docker.sock\n")
DEAD = Output(exit_code=1, text="{}", error_text="Cannot connect to the Docker daemon. Is it running?")
DENIED = Output(exit_code=1, text="", error_text="permission denied while trying to connect")
SILENT = Output(exit_code=TIMED_OUT, text="", error_text="no answer within 20 s")
IMAGES = image_set(())

Look = Callable[..., dict[str, list[Finding]]]


def info(memory_bytes: int = 8 * GIB) -> Output:
    facts = {"ServerVersion": "27.1", "DockerRootDir": "/nowhere", "MemTotal": memory_bytes, "NCPU": 2}
    return Output(exit_code=0, text=json.dumps(facts))


def things(*names: str, lab: str = "team-1", running: bool = True) -> Output:
    rows = [
        {
            "ID": name,
            "Names": name,
            "State": "running" if running else "exited",
            "Labels": f"dev.sev0.lab={lab}",
        }
        for name in names
    ]
    return Output(exit_code=0, text="\n".join(json.dumps(row) for row in rows))


@pytest.fixture(autouse=True)
def free_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own, on a machine whose ports are free."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(ports, "is_free", lambda _: True)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Look at a machine whose programs answer so; findings by what was looked at."""

    def findings(
        answers: dict[str, Output], machine: Machine = UBUNTU, *, free: int = 90 * GIB, **environment: str
    ) -> dict[str, list[Finding]]:
        runner = RecordingRunner({"docker info": info(), "docker context inspect": LOCAL, **answers})
        wanted = EngineWanted(
            runner=runner,
            ours=Ours(folder=tmp_path / "engine"),
            machine=lambda _: machine,
            environment=environment,
        )
        checkup = Checkup(
            runner=runner,
            root=checkout(),
            engine_wanted=wanted,
            images=IMAGES,
            free_bytes=lambda _: free,
        )
        by_what: dict[str, list[Finding]] = {}
        for finding in checkup.findings():
            by_what.setdefault(finding.what, []).append(finding)
        return by_what

    return findings


def test_a_machine_on_which_all_is_well(look: Look) -> None:
    listing = Output(exit_code=0, text="\n".join(image.tag(checkout()) for image in IMAGES.all()))
    found = look({"docker images": listing})
    assert {one.health for some in found.values() for one in some} == {Health.OK}
    assert found["engine"][0].said == "Docker 27.1 at unix:///var/run/docker.sock"
    assert set(found) == {"engine", "compose", "buildx", "memory", "disk", "port", "images"}


@pytest.mark.parametrize(
    ("answer", "installed", "machine", "environment", "said", "hint"),
    [
        (MISSING, False, UBUNTU, {}, State.NO_CLIENT.value, "lab start installs one"),
        (MISSING, False, FEDORA, {}, "only installed on Debian and Ubuntu", "install Docker Desktop or"),
        (MISSING, False, UBUNTU, {"LAB_INSTALL_ENGINE": "0"}, "forbids installing one", "apt-get install"),
        (DEAD, True, UBUNTU, {}, "is installed and does not run", "lab start starts it"),
        (DEAD, True, FEDORA, {}, "only started on Debian and Ubuntu", "sudo systemctl start docker"),
        (DENIED, True, UBUNTU, {}, "refuses this user: permission denied", "usermod -aG docker"),
        (SILENT, True, UBUNTU, {}, "does not answer: no answer within 20 s", "journalctl"),
    ],
)
def test_an_engine_that_does_not_answer_is_bad_and_each_state_has_its_own_line(
    answer: Output,
    installed: bool,
    machine: Machine,
    environment: dict[str, str],
    said: str,
    hint: str,
    look: Look,
) -> None:
    dockerd = {} if installed else {"dockerd --version": MISSING}
    [engine] = look({"docker info": answer, **dockerd}, machine, **environment)["engine"]
    assert engine.health is Health.BAD
    assert said in engine.said
    assert hint in engine.hint


def test_without_the_docker_command_nobody_can_tell_its_plugins(look: Look) -> None:
    found = look({"docker info": MISSING})
    assert not {"compose", "buildx", "memory", "images"} & set(found)


@pytest.mark.parametrize(
    ("machine", "hint"), [(UBUNTU, "lab start installs buildx"), (FEDORA, "docs.docker.com/build/buildx")]
)
def test_a_missing_plugin_is_bad(machine: Machine, hint: str, look: Look) -> None:
    found = look({"docker buildx": Output(exit_code=1, text="")}, machine)
    assert found["compose"][0].health is Health.OK
    assert found["buildx"][0].health is Health.BAD
    assert hint in found["buildx"][0].hint


def test_little_memory_and_little_room_are_warnings(look: Look) -> None:
    found = look({"docker info": info(memory_bytes=GIB)}, free=GIB)
    assert (found["memory"][0].health, found["disk"][0].health) == (Health.WARN, Health.WARN)
    assert "give Docker 2 GiB" in found["memory"][0].hint
    assert "1.0 GiB free" in found["disk"][0].said


def test_a_port_that_is_taken_is_a_warning_unless_labs_may_have_it(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "is_free", lambda port: port != 8080)
    shop, prometheus = look({})["port"]
    assert (shop.health, prometheus.health) == (Health.WARN, Health.OK)
    assert "8080 (shop) is taken: the next free one is used" in shop.said
    assert look({"docker ps": things("a")})["port"][0].health is Health.OK


def test_missing_images_are_a_warning(look: Look) -> None:
    [images] = look({})["images"]
    assert images.health is Health.WARN
    assert f"0 of {len(IMAGES.all())} are there" in images.said


def test_a_lab_that_runs_is_well(look: Look) -> None:
    state.save(STATE)
    [lab] = look({"docker ps": things("a", "b", lab=STATE.name)})["lab"]
    assert (lab.health, lab.said) == (Health.OK, f"{STATE.name} is up, 2 containers")


@pytest.mark.parametrize("left", [things(), things("a", lab=STATE.name, running=False)])
def test_a_lab_whose_containers_are_gone_is_a_warning(left: Output, look: Look) -> None:
    state.save(STATE)
    [lab] = look({"docker ps": left})["lab"]
    assert lab.health is Health.WARN
    assert lab.hint == f"lab down --name {STATE.name}"


def test_a_lab_that_is_being_worked_on_is_left_alone(look: Look) -> None:
    state.save(STATE)
    with lock.held(STATE.name):
        [lab] = look({})["lab"]
    assert lab.health is Health.OK
    assert "is at work on it" in lab.said


def test_leftovers_of_a_lab_that_nobody_knows_are_named(look: Look) -> None:
    [left] = look({"docker ps": things("a", "b", "c", "d", "e", lab="old")})["leftover"]
    assert left.health is Health.WARN
    assert left.said == (
        "container a, container b, container c, container d and 1 more, of old, unknown here"
    )
    assert left.hint == "lab down --name old"
