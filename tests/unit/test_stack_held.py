"""A network that the engine keeps though nobody is in it: no test can bring an engine there at will."""

import json
from pathlib import Path

import pytest

from lab.cli import run
from lab.engine.runner import Output
from lab.errors import NetworkMiscounted
from lab.stack.demolish import Demolition
from tests.unit.recording import RecordingRunner

NETWORK = {"ID": "0123", "Name": "sev0-x_edge", "Labels": "dev.sev0.lab=x"}


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path))


def test_it_is_said_to_be_miscounted_and_is_no_one_elses_trouble() -> None:
    runner = RecordingRunner({"docker network ls": Output(exit_code=0, text=json.dumps(NETWORK))})
    with pytest.raises(
        NetworkMiscounted, match="gone but for network sev0-x_edge: nobody is in it"
    ) as caught:
        Demolition(runner=runner).lab("x")
    assert "lab doctor --stop-engine" in caught.value.hint
    assert caught.value.removed == ()
    said: list[str] = []
    Demolition(runner=runner).clear("x", said.append)
    assert [line.partition(":")[0] for line in said] == ["lab x is gone but for network sev0-x_edge"]


def test_a_lab_is_down_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labs" / "x").mkdir(parents=True)
    runner = RecordingRunner({"docker network ls": Output(exit_code=0, text=json.dumps(NETWORK))})
    monkeypatch.setattr("lab.cli._host.SystemRunner", lambda: runner)
    assert run(["down", "--name", "x"]) == 0
    assert "nobody is in it, but the engine miscounted and keeps it" in capsys.readouterr().err
