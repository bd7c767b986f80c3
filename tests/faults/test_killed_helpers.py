"""A command that is killed while a helper of its stands beside a victim: the helper is found and removed."""

import subprocess
import sys
from pathlib import Path

import docker
import pytest

from faults import helpers
from faults.wait import until
from lab.cli import run
from lab.stack import state
from lab.stack.places import LABEL, checkout
from tests.faults.servers import Yard
from tests.states import a_state

pytestmark = pytest.mark.docker


@pytest.fixture
def victim(
    yard: Yard, engine: docker.DockerClient, label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The one container of a lab of its own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.setenv("LAB_NAME", label)
    state.save(a_state(label))
    image, labels = yard.image("actor"), {LABEL: label}
    made = engine.containers.run(image, ["sleep", "600"], name=f"{label}-victim", labels=labels, detach=True)
    return str(made.name)


def beside(engine: docker.DockerClient, victim: str) -> list[str]:
    """The helpers that stand beside it."""
    marked: dict[str, str | list[str] | bool] = {"label": f"{helpers.LABEL}={victim}"}
    return [str(one.id) for one in engine.containers.list(all=True, filters=marked, ignore_removed=True)]


def killed(engine: docker.DockerClient, victim: str) -> None:
    """Type a fault of its network, and kill the command by SIGKILL as soon as its first helper is made."""
    command = subprocess.Popen(
        [sys.executable, "-m", "lab", "fault", "inject", "net.loss", "--target", victim],
        cwd=checkout(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: beside(engine, victim) or None, what="a helper is made", timeout_s=60, every_s=0.01)
    finally:
        command.kill()
        command.wait()


def test_a_revert_of_all_removes_it(
    engine: docker.DockerClient, victim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed(engine, victim)
    (left,) = beside(engine, victim)
    name = engine.containers.get(left).name
    assert run(["fault", "revert", "--all"]) == 0
    assert f"{name}: a killed command left it behind, removed" in capsys.readouterr().out
    assert beside(engine, victim) == []
    assert engine.containers.get(victim).status == "running"


def test_a_lab_that_goes_down_takes_it_along(engine: docker.DockerClient, victim: str, label: str) -> None:
    killed(engine, victim)
    assert beside(engine, victim)
    assert run(["down", "--name", label]) == 0
    assert beside(engine, victim) == []
