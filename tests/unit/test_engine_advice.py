"""What is said of an engine that does not answer: for each state what was seen, and what to type."""

from collections.abc import Mapping

import pytest

from lab.engine.advice import Advice, Place, about_plugins, advise
from lab.engine.find import DEFAULT_SOCKET, Engine, State
from lab.engine.machine import Machine

DEBIAN = Machine(distro="debian", codename="bookworm", as_root=(), systemd=True)
SYSV = Machine(distro="debian", codename="bookworm", as_root=(), systemd=False)
UBUNTU = Machine(distro="ubuntu", codename="noble", as_root=("sudo", "-n"), systemd=True)
NO_ROOT = Machine(distro="ubuntu", codename="noble", as_root=None, systemd=True)
FEDORA = Machine(distro="fedora", codename="", as_root=(), systemd=True)
MAC = Machine(distro="unknown", codename="", as_root=None, systemd=False)
FORBIDDEN = {"LAB_INSTALL_ENGINE": "0"}
LOCAL = f"unix://{DEFAULT_SOCKET}"


def advice(
    state: State,
    machine: Machine = DEBIAN,
    *,
    address: str = LOCAL,
    environment: Mapping[str, str] | None = None,
    installed: bool = False,
) -> Advice:
    place = Place(address=address, machine=machine, environment=environment or {}, installed=installed)
    return advise(Engine(state=state, said="its own words"), place)


@pytest.mark.parametrize(
    ("given", "said", "typed", "not_typed"),
    [
        (
            advice(State.REFUSED),
            "the engine refuses this user: its own words",
            "sudo usermod -aG docker $USER",
            "install",
        ),
        (
            advice(State.REFUSED, address="unix:///run/user/7/docker.sock"),
            "the engine refuses this user: its own words",
            "ls -l /run/user/7/docker.sock",
            "usermod",
        ),
        (advice(State.REFUSED, address="tcp://x:1"), "refuses this user", "docker context ls", "usermod"),
        (
            advice(State.SILENT, UBUNTU),
            f"the Docker engine at {LOCAL} does not answer: its own words",
            "journalctl --no-pager -u docker",
            "install",
        ),
        (advice(State.SILENT, SYSV), "does not answer: its own words", "docker info", "systemctl"),
        (
            advice(State.SILENT, address="tcp://x:1"),
            "at tcp://x:1 does not answer",
            "docker info",
            "systemctl",
        ),
        (
            advice(State.NOT_RUNNING, address="tcp://x:1", environment={"DOCKER_HOST": "tcp://x:1"}),
            "the Docker engine at tcp://x:1 does not answer: its own words",
            "unset DOCKER_HOST",
            "install",
        ),
        (
            advice(State.NO_CLIENT, address="tcp://x:1"),
            "no docker command on PATH to ask the engine at tcp://x:1 with",
            "https://docs.docker.com/get-docker/",
            "apt-get",
        ),
        (
            advice(State.NOT_RUNNING, NO_ROOT, installed=True),
            "a Docker engine is installed and does not run, and starting one needs root or sudo without",
            "sudo systemctl start docker",
            "install",
        ),
        (
            advice(State.NOT_RUNNING, SYSV, environment=FORBIDDEN, installed=True),
            "a Docker engine is installed and does not run, and LAB_INSTALL_ENGINE=0 forbids starting one",
            "sudo service docker start",
            "install",
        ),
        (
            advice(State.NOT_RUNNING, FEDORA, installed=True),
            "is installed and does not run, and one is only started on Debian and Ubuntu",
            "sudo systemctl start docker",
            "install",
        ),
        (
            advice(State.NO_CLIENT, UBUNTU, environment=FORBIDDEN),
            "no docker command on PATH, and LAB_INSTALL_ENGINE=0 forbids installing one",
            "sudo apt-get install -y docker.io docker-compose-v2 docker-buildx",
            "lab start",
        ),
        (
            advice(State.NO_CLIENT, FEDORA),
            "no docker command on PATH, and one is only installed on Debian and Ubuntu",
            "install Docker Desktop or Docker Engine",
            "apt-get",
        ),
        (
            advice(State.NO_CLIENT, NO_ROOT),
            "no docker command on PATH, and installing one needs root or sudo without a password",
            "sudo apt-get install",
            "lab start",
        ),
        (
            advice(State.NOT_RUNNING, MAC),
            "no engine is running, and one is only installed on Debian and Ubuntu",
            "start Docker Desktop",
            "apt-get",
        ),
    ],
)
def test_where_a_person_has_to_do_it_it_says_what(
    given: Advice, said: str, typed: str, not_typed: str
) -> None:
    assert not given.lab_can
    assert said in given.said
    assert typed in given.hint
    assert not_typed not in given.hint


@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        (advice(State.NO_CLIENT), "no docker command on PATH", "lab start installs one with apt-get"),
        (advice(State.NOT_RUNNING), "no engine is running", "lab start installs one with apt-get"),
        (advice(State.NOT_RUNNING, installed=True), "is installed and does not run", "lab start starts it"),
    ],
)
def test_where_lab_can_do_it_it_says_so(given: Advice, said: str, hint: str) -> None:
    assert given.lab_can
    assert said in given.said
    assert hint in given.hint


@pytest.mark.parametrize(
    ("machine", "environment", "said", "hint"),
    [
        (UBUNTU, {}, "docker lacks its plugin compose", "lab start installs compose"),
        (UBUNTU, FORBIDDEN, "LAB_INSTALL_ENGINE=0 forbids installing one", "apt-get install -y docker-comp"),
        (NO_ROOT, {}, "needs root or sudo", "sudo apt-get install -y docker-compose-v2"),
        (FEDORA, {}, "only installed on Debian and Ubuntu", "https://docs.docker.com/compose/install/"),
    ],
)
def test_a_missing_plugin_has_its_own_lines(
    machine: Machine, environment: Mapping[str, str], said: str, hint: str
) -> None:
    given = about_plugins("compose", Place(address=LOCAL, machine=machine, environment=environment))
    assert said in given.said
    assert hint in given.hint
    assert "docker.io" not in given.hint
