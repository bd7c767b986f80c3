"""`lab start` where the machine is in the way: exit code, message, what to type; nothing is left behind."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab import catalog
from lab.cli import _host, run
from lab.engine.runner import Output
from lab.stack import ports
from lab.stack.disk import GIB
from lab.stack.images import image_set
from lab.stack.places import checkout, lab_dir
from tests.unit.recording import RecordingRunner

INFO = Output(exit_code=0, text=json.dumps({"ServerVersion": "27.1", "DockerRootDir": "/nowhere"}))
SCENARIO = "max-connections"
START = ["start", SCENARIO, "--name", "team-1", "--no-wait"]

Use = Callable[[dict[str, Output]], RecordingRunner]


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own, on a disk with room."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    room(monkeypatch, 90 * GIB)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the verbs run programs by a runner that answers so."""

    def make(answers: dict[str, Output]) -> RecordingRunner:
        runner = RecordingRunner({"docker info": INFO, **answers})
        monkeypatch.setattr(_host, "SystemRunner", lambda: runner)
        return runner

    return make


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody really listens on."""
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def room(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


def all_images() -> Output:
    scenario = catalog.find(SCENARIO)
    wanted = image_set(catalog.releases_of(scenario), catalog.services_of(scenario))
    return Output(exit_code=0, text="\n".join(image.tag(checkout()) for image in wanted.all()))


def test_a_port_that_is_taken(taken: int, use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    runner = use({"docker images": all_images()})
    assert run([*START, "--shop-port", str(taken)]) == 3
    said = capsys.readouterr().err
    assert f"port {taken} for shop is taken by another program or lab" in said
    assert "--shop-port N with another number" in said
    assert not runner.typed("docker compose --")
    assert not lab_dir("team-1").exists()


@pytest.mark.parametrize(
    ("built", "free", "need"),
    [(True, GIB // 2, "1 GiB are needed for a lab"), (False, 2 * GIB, "4 GiB are needed for images")],
    ids=["to run", "to build"],
)
def test_a_disk_that_is_nearly_full(
    built: bool,
    free: int,
    need: str,
    use: Use,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runner = use({"docker images": all_images()} if built else {})
    room(monkeypatch, free)
    assert run(START) == 3
    said = capsys.readouterr().err
    assert f"{free / GIB:.1f} GiB free, {need}" in said
    assert "docker system df" in said
    assert not runner.typed("docker buildx build")
    assert not lab_dir("team-1").exists()


def test_an_image_that_does_not_build(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Output(exit_code=1, text="step 1\nE: no such package")
    runner = use({"docker buildx build": broken})
    assert run(START) == 3
    said = capsys.readouterr().err
    assert "did not build" in said
    assert "E: no such package" in said
    assert "the whole log: " in said
    assert not runner.typed("docker compose --")
    assert not lab_dir("team-1").exists()


def test_an_engine_that_refuses(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    use({"docker info": Output(exit_code=1, text="", error_text="permission denied")})
    assert run(START) == 3
    assert "sudo usermod -aG docker $USER" in capsys.readouterr().err


def test_a_lab_of_that_name_that_is_there(use: Use, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"ID": "c1", "Names": "x", "State": "running", "Labels": "dev.sev0.lab=team-1"}
    use({"docker ps": Output(exit_code=0, text=json.dumps(row))})
    assert run(START) == 2
    assert "lab team-1 is there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "code"), [(INFO, 0), (Output(exit_code=1, text="", error_text="permission denied"), 3)]
)
def test_doctor_exits_by_whether_a_lab_can_start(
    answer: Output, code: int, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    use({"docker info": answer})
    assert run(["doctor"]) == code
    assert capsys.readouterr().out.startswith("ok    engine" if code == 0 else "bad   engine")
    assert run(["doctor", "--json"]) == code
    assert json.loads(capsys.readouterr().out)[0]["what"] == "engine"
