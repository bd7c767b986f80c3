"""The engine that runs because of lab, as the verbs speak of it: told and ended, however it was started."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from lab.cli import _host, doctor, run
from lab.engine.daemon import Ours
from lab.engine.ensure import EngineWanted
from lab.engine.machine import Machine
from lab.engine.runner import Output
from lab.stack import state
from lab.stack.places import engine_dir
from tests.unit.recording import MISSING, OK, Answer, RecordingRunner
from tests.unit.test_stack_compose import STATE

INFO = Output(exit_code=0, text=json.dumps({"ServerVersion": "20.10.24", "DockerRootDir": "/var/lib/docker"}))
DEAD = Output(exit_code=1, text="{}", error_text="Cannot connect to the Docker daemon. Is it running?")
DENIED = Output(exit_code=1, text="", error_text="permission denied while trying to connect to the daemon")
LOCAL = Output(exit_code=0, text="unix:///var/run/docker.sock\n")
INACTIVE = Output(exit_code=3, text="")
UBUNTU = Machine(distro="ubuntu", codename="noble", as_root=("sudo", "-n"), systemd=True)
SYSV = Machine(distro="debian", codename="bookworm", as_root=(), systemd=False)
RUNS = "is still running: lab doctor --stop-engine ends it"

Use = Callable[..., RecordingRunner]


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own, and nobody's lab name or engine."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    for variable in ("LAB_NAME", "DOCKER_HOST", "LAB_INSTALL_ENGINE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the verbs run programs by a runner that answers so, on such a machine."""

    def make(answers: Mapping[str, Answer | list[Answer]], machine: Machine = UBUNTU) -> RecordingRunner:
        runner = RecordingRunner({"docker context inspect": LOCAL, **answers})
        monkeypatch.setattr(_host, "SystemRunner", lambda: runner)
        monkeypatch.setattr(doctor, "look", lambda _: machine)
        return runner

    return make


def bring_up(runner: RecordingRunner, machine: Machine) -> None:
    """What `lab start` does first."""
    wanted = EngineWanted(
        runner=runner, ours=Ours(folder=engine_dir()), machine=lambda _: machine, environment={}
    )
    wanted.ensure(lambda _: None)


def test_one_that_systemd_started_for_us_is_told_by_down_and_ended(
    use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_up(use({"docker info": [DEAD, INFO]}), UBUNTU)
    use({"docker info": INFO})
    assert run(["down"]) == 0
    assert f"(docker of systemd) {RUNS}" in capsys.readouterr().out
    stopping = use({"docker info": INFO, "systemctl is-active": [OK, OK, INACTIVE]})
    assert run(["doctor", "--stop-engine"]) == 0
    assert capsys.readouterr().out == "the Docker engine is stopped\n"
    assert "sudo -n systemctl stop docker docker.socket" in stopping.typed("sudo")
    use({"docker info": INFO})
    assert run(["doctor", "--stop-engine"]) == 0
    assert "no Docker engine that lab started is running" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("machine", "told", "stop"),
    [
        (UBUNTU, "docker of systemd", "sudo -n systemctl stop docker docker.socket"),
        (SYSV, "docker of init script", "service docker stop"),
    ],
    ids=["systemd", "init script"],
)
def test_one_that_its_package_started_is_told_by_down_and_ended(
    machine: Machine, told: str, stop: str, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_up(use({"docker info": [MISSING, INFO]}), machine)
    use({"docker info": INFO})
    assert run(["down"]) == 0
    assert f"({told}) {RUNS}" in capsys.readouterr().out
    actives = {"systemctl is-active": [OK, OK, INACTIVE], "service docker status": [OK, OK, INACTIVE]}
    stopping = use({"docker info": INFO, **actives}, machine)
    assert run(["doctor", "--stop-engine"]) == 0
    assert stop in stopping.typed(stop)


def test_down_says_it_to_machines_too(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up(use({"docker info": [DEAD, INFO]}), UBUNTU)
    use({"docker info": INFO})
    assert run(["down", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["engine"] == "docker of systemd"


def test_one_that_was_there_before_is_none_of_ours(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up(use({"docker info": INFO}), UBUNTU)
    runner = use({"docker info": INFO})
    assert run(["down"]) == 0
    assert "still running" not in capsys.readouterr().out
    assert run(["doctor", "--stop-engine"]) == 0
    assert "no Docker engine that lab started is running" in capsys.readouterr().out
    assert not runner.typed("sudo -n systemctl stop")


def test_one_that_does_not_stop_is_trouble_that_says_what_to_type(
    use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_up(use({"docker info": [DEAD, INFO]}), UBUNTU)
    refused = Output(exit_code=1, text="", error_text="Interactive authentication required.")
    use({"docker info": INFO, "sudo -n systemctl stop": refused})
    assert run(["doctor", "--stop-engine"]) == 3
    said = capsys.readouterr().err
    assert "systemctl stop docker docker.socket: Interactive authentication required." in said
    assert "sudo systemctl stop docker docker.socket" in said


def test_one_that_holds_a_lab_is_not_ended(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up(use({"docker info": [DEAD, INFO]}), UBUNTU)
    row = {"ID": "c1", "Names": "x", "State": "running", "Labels": "dev.sev0.lab=team-1"}
    runner = use({"docker info": INFO, "docker ps": Output(exit_code=0, text=json.dumps(row))})
    assert run(["doctor", "--stop-engine"]) == 3
    said = capsys.readouterr().err
    assert "the engine still holds labs: team-1" in said
    assert "lab down --name team-1" in said
    assert not runner.typed("sudo -n systemctl stop")


@pytest.mark.parametrize(
    ("answer", "installed", "said", "hint"),
    [
        (DEAD, OK, "no engine is running: Cannot connect", "start the Docker engine"),
        (DEAD, MISSING, "no engine is running: Cannot connect", "start the Docker engine"),
        (DENIED, OK, "the engine refuses this user", "usermod -aG docker"),
        (Output(exit_code=124, text="", error_text="no answer"), OK, "the engine does not answer", "docker"),
    ],
    ids=["stopped", "not installed", "refused", "silent"],
)
def test_down_says_that_nobody_was_asked(
    answer: Output,
    installed: Output,
    said: str,
    hint: str,
    use: Use,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runner = use({"docker info": answer, "dockerd --version": installed})
    monkeypatch.setattr(_host, "EngineWanted", partial(EngineWanted, machine=lambda _: UBUNTU))
    assert run(["down", "--name", "team-1"]) == 3
    captured = capsys.readouterr()
    assert f"nothing is known of lab team-1, nothing was removed: {said}" in captured.err
    assert hint in captured.err
    assert "lab down --name team-1" in captured.err
    assert not captured.out
    assert not runner.typed("sudo -n systemctl")


def test_down_is_harmless_where_docker_never_was(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    runner = use({"docker": MISSING, "dockerd": MISSING})
    assert run(["down"]) == 0
    assert capsys.readouterr().out == "lab main is not there\n"
    assert not runner.typed("sudo")


def test_down_keeps_the_state_of_a_lab_that_it_could_not_ask_about(
    use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    state.save(STATE)
    refused = Output(exit_code=1, text="", error_text="Cannot connect to the Docker daemon")
    listings = {"docker ps": refused, "docker volume": refused, "docker network": refused}
    use({"docker info": DEAD, **listings})
    assert run(["down", "--name", STATE.name]) == 3
    assert f"lab {STATE.name} cannot be removed: no engine is running" in capsys.readouterr().err
    assert state.load(STATE.name) == STATE
