"""Bringing an engine up: what is typed on which machine, and what is said where it is not allowed."""

import json
import os
import socket
from pathlib import Path

import pytest

from lab.engine import install
from lab.engine.daemon import Ours, dockerd_command
from lab.engine.ensure import EngineWanted
from lab.engine.find import Engine, State, endpoint, find, is_default_endpoint, socket_inside
from lab.engine.machine import Machine, look, mirror_of
from lab.engine.runner import TIMED_OUT, Output, Runner, SystemRunner
from lab.errors import NoEngine
from tests.unit.recording import MISSING, OK, RecordingRunner

INFO = Output(exit_code=0, text=json.dumps({"ServerVersion": "20.10.24", "DockerRootDir": "/var/lib/docker"}))
DEAD = Output(exit_code=1, text="{}", error_text="Cannot connect to the Docker daemon. Is it running?")
DENIED = Output(exit_code=1, text="", error_text="permission denied while trying to connect to the daemon")
LOCAL = Output(exit_code=0, text="unix:///var/run/docker.sock\n")

ROOT = Machine(distro="debian", codename="bookworm", as_root=(), systemd=False)
UBUNTU = Machine(distro="ubuntu", codename="noble", as_root=("sudo", "-n"), systemd=True)
TRIXIE = Machine(distro="debian", codename="trixie", as_root=(), systemd=False)
FEDORA = Machine(distro="fedora", codename="", as_root=(), systemd=True)
APT = "env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120"


def wanted(runner: Runner, machine: Machine, tmp_path: Path, **environment: str) -> EngineWanted:
    return EngineWanted(
        runner=runner, ours=Ours(folder=tmp_path), machine=lambda _: machine, environment=environment
    )


def bare() -> RecordingRunner:
    """A machine without docker, on which installing and starting one works."""
    return RecordingRunner(
        {"docker info": [MISSING, DEAD, INFO], "docker context inspect": LOCAL, "dockerd --version": MISSING}
    )


def test_an_engine_that_answers_is_taken_as_it_is(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": INFO})
    engine = wanted(runner, ROOT, tmp_path).ensure(lambda _: None)
    assert engine.version == "20.10.24"
    assert not runner.typed(APT)
    assert not runner.detached


def test_root_on_debian_gets_one_installed_and_started(tmp_path: Path) -> None:
    runner, said = bare(), list[str]()
    wanted(runner, ROOT, tmp_path).ensure(said.append)
    assert runner.typed(APT) == [
        f"{APT} update",
        f"{APT} install -y --no-install-recommends docker.io iptables",
    ]
    [(argv, log)] = runner.detached
    assert argv == ["dockerd", "--pidfile", str(tmp_path / "dockerd.pid")]
    assert log == tmp_path / "dockerd.log"
    assert any("installing docker.io" in line for line in said)
    assert any(str(log) in line for line in said)


def test_with_sudo_and_systemd_the_service_is_started(tmp_path: Path) -> None:
    runner = bare()
    wanted(runner, UBUNTU, tmp_path).ensure(lambda _: None)
    assert runner.typed("sudo") == [
        f"sudo -n {APT} update",
        f"sudo -n {APT} install -y --no-install-recommends docker.io iptables",
        "sudo -n systemctl start docker",
    ]
    assert not runner.detached


def test_an_engine_that_the_package_started_is_not_started_again(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": [MISSING, INFO], "docker context inspect": LOCAL})
    wanted(runner, ROOT, tmp_path).ensure(lambda _: None)
    assert not runner.detached


def test_one_that_is_installed_is_only_started(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": [DEAD, INFO], "docker context inspect": LOCAL})
    wanted(runner, ROOT, tmp_path).ensure(lambda _: None)
    assert not runner.typed(APT)
    assert len(runner.detached) == 1


def test_sudo_lets_the_users_group_in() -> None:
    argv = dockerd_command(UBUNTU, Ours(folder=Path("/x")))
    assert argv == ["sudo", "-n", "dockerd", "--pidfile", "/x/dockerd.pid", "--group", str(os.getgid())]


@pytest.mark.parametrize(
    ("machine", "environment", "why"),
    [
        (ROOT, {"LAB_INSTALL_ENGINE": "0"}, "LAB_INSTALL_ENGINE=0 forbids"),
        (FEDORA, {}, "only installed on Debian and Ubuntu"),
        (Machine(distro="debian", codename="bookworm", as_root=None, systemd=True), {}, "needs root or sudo"),
    ],
    ids=["forbidden", "elsewhere", "no root"],
)
def test_where_none_may_be_installed_it_says_why_and_the_two_lines_to_type(
    machine: Machine, environment: dict[str, str], why: str, tmp_path: Path
) -> None:
    runner = RecordingRunner({"docker": MISSING})
    with pytest.raises(NoEngine, match=why) as caught:
        wanted(runner, machine, tmp_path, **environment).ensure(lambda _: None)
    assert len(caught.value.hint.splitlines()) == 2
    assert not runner.typed(APT)
    assert not runner.detached


def test_an_engine_that_refuses_us_is_no_reason_to_install_one(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": DENIED})
    with pytest.raises(NoEngine, match="refuses this user") as caught:
        wanted(runner, ROOT, tmp_path).ensure(lambda _: None)
    assert "usermod -aG docker" in caught.value.hint


def test_one_that_is_stopped_is_never_told_to_be_installed(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": DEAD, "docker context inspect": LOCAL})
    with pytest.raises(NoEngine, match="is installed and does not run, and LAB_INSTALL_ENGINE=0") as caught:
        wanted(runner, UBUNTU, tmp_path, LAB_INSTALL_ENGINE="0").ensure(lambda _: None)
    assert caught.value.hint == "sudo systemctl start docker\ndocker info"
    assert not runner.typed("sudo -n systemctl")


def test_one_that_still_does_not_answer_after_its_start_is_no_matter_of_groups(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": [DEAD, INFO, DEAD], "docker context inspect": LOCAL})
    with pytest.raises(NoEngine, match="does not run") as caught:
        wanted(runner, UBUNTU, tmp_path).ensure(lambda _: None)
    assert "usermod" not in caught.value.hint


def test_one_that_is_silent_is_left_to_a_person(tmp_path: Path) -> None:
    silent = Output(exit_code=TIMED_OUT, text="", error_text="no answer within 20 s")
    runner = RecordingRunner({"docker info": silent, "docker context inspect": LOCAL})
    with pytest.raises(NoEngine, match="does not answer: no answer within 20 s") as caught:
        wanted(runner, UBUNTU, tmp_path).ensure(lambda _: None)
    assert "usermod" not in caught.value.hint
    assert not runner.typed("sudo -n systemctl")
    assert not runner.detached


def test_an_engine_that_somebody_chose_is_never_replaced_by_a_local_one(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": DEAD})
    with pytest.raises(NoEngine, match=r"tcp://elsewhere:2375 does not answer"):
        wanted(runner, ROOT, tmp_path, DOCKER_HOST="tcp://elsewhere:2375").ensure(lambda _: None)
    assert not runner.detached


def test_apt_that_fails_is_said_with_its_last_line(tmp_path: Path) -> None:
    broken = Output(exit_code=100, text="", error_text="E: Unable to locate package docker.io\n")
    runner = RecordingRunner({"docker": MISSING, "docker context inspect": LOCAL, f"{APT} install": broken})
    with pytest.raises(NoEngine, match="Unable to locate package"):
        wanted(runner, ROOT, tmp_path).ensure(lambda _: None)


def test_missing_plugins_are_borrowed_from_a_later_debian(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "apt_sources", lambda: "deb http://mirror.example/debian bookworm main\n")
    runner = RecordingRunner(
        {"docker info": INFO, "docker compose version": [MISSING, OK], "docker buildx version": [MISSING, OK]}
    )
    said = list[str]()
    wanted(runner, ROOT, tmp_path).ensure(said.append)
    assert any(install.SOURCE_FILE in line and install.PIN_FILE in line for line in said)
    assert (
        "URIs: http://mirror.example/debian\nSuites: trixie\n" in runner.inputs[f"tee {install.SOURCE_FILE}"]
    )
    assert (
        runner.inputs[f"tee {install.PIN_FILE}"] == "Package: *\nPin: release n=trixie\nPin-Priority: 100\n"
    )
    assert runner.typed(APT)[-1] == (
        f"{APT} install -y --no-install-recommends docker-compose/trixie docker-buildx/trixie"
    )


def test_a_source_that_apt_knows_already_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = "Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n"
    monkeypatch.setattr(install, "apt_sources", lambda: known)
    runner = RecordingRunner({"docker info": INFO, "docker compose version": [MISSING, OK]})
    wanted(runner, ROOT, tmp_path).ensure(lambda _: None)
    assert f"tee {install.SOURCE_FILE}" not in runner.inputs


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        (UBUNTU, ("docker-compose-v2", "docker-buildx")),
        (TRIXIE, ("docker-compose", "docker-buildx")),
        (ROOT, ("docker-compose/trixie", "docker-buildx/trixie")),
    ],
    ids=lambda value: value.codename if isinstance(value, Machine) else "",
)
def test_each_distribution_has_its_own_names(machine: Machine, packages: tuple[str, ...]) -> None:
    assert install.plugin_packages(machine, compose=True, buildx=True) == packages


def test_a_later_debian_packs_the_client_apart() -> None:
    assert "docker-cli" in install.engine_packages(TRIXIE)
    assert "docker-cli" not in install.engine_packages(ROOT)


@pytest.mark.parametrize(
    "sources",
    [
        "deb http://m.example/debian bookworm main\n",
        "deb [arch=amd64 signed-by=/x.gpg] http://m.example/debian bookworm main contrib\n",
        "Types: deb\n# a remark\nURIs: http://m.example/debian\nSuites: bookworm bookworm-updates\n",
    ],
)
def test_the_machines_own_mirror_is_found_in_both_formats(sources: str) -> None:
    assert mirror_of(sources, "bookworm") == "http://m.example/debian"
    assert mirror_of(sources, "trixie") is None


def test_a_machine_is_read_from_its_files(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=ubuntu\nVERSION_CODENAME="noble"\n')
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    machine = look(RecordingRunner(), root=tmp_path)
    assert (machine.distro, machine.codename, machine.systemd) == ("ubuntu", "noble", True)


def test_no_client_on_path_is_told_from_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(SystemRunner()).state is State.NO_CLIENT


@pytest.mark.docker
def test_an_engine_that_accepts_and_is_silent_is_told_from_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "docker.sock"))
        deaf.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'docker.sock'}")
        assert find(SystemRunner(), timeout_s=1.0).state is State.SILENT


@pytest.mark.docker
def test_nobody_at_the_socket_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'nobody.sock'}")
    found = find(SystemRunner())
    assert found.state is State.NOT_RUNNING
    assert "nobody.sock" in found.said


def test_the_endpoint_is_the_contexts_or_the_environments() -> None:
    runner = RecordingRunner(
        {"docker context inspect": Output(exit_code=0, text="unix:///home/u/.docker/run.sock\n")}
    )
    assert endpoint(runner, environment={}) == "unix:///home/u/.docker/run.sock"
    assert endpoint(runner, environment={"DOCKER_HOST": "tcp://x:1"}) == "tcp://x:1"
    assert not is_default_endpoint("tcp://x:1")


@pytest.mark.parametrize(
    ("system", "engine", "address", "path"),
    [
        ("Linux", "Debian GNU/Linux 12", "unix:///var/run/docker.sock", "/var/run/docker.sock"),
        ("Linux", "Ubuntu 24.04", "unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock"),
        ("Linux", "Docker Desktop", "unix:///home/u/.docker/desktop/docker.sock", "/var/run/docker.sock"),
        ("Darwin", "Alpine Linux", "unix:///Users/u/.colima/docker.sock", "/var/run/docker.sock"),
        ("Linux", "Debian GNU/Linux 12", "tcp://10.0.0.1:2376", "/var/run/docker.sock"),
        ("Linux", "Debian GNU/Linux 12", "ssh://u@host", "/var/run/docker.sock"),
    ],
)
def test_a_container_is_given_the_socket_where_its_engine_has_it(
    system: str, engine: str, address: str, path: str
) -> None:
    """A rootless engine's is the user's own; one in a virtual machine knows only the default."""
    assert socket_inside(Engine(state=State.ANSWERS, system=engine), address, system=system) == path
