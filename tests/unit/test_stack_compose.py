"""Compose gets every variable that its file names, and its troubles are told apart."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lab.engine.runner import Output
from lab.errors import PortTaken, StackNotReady
from lab.stack.compose import FILE, Compose, environment
from lab.stack.extras import CHOICES
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.states import a_state
from tests.unit.recording import RecordingRunner

STATE = replace(
    a_state("team-1"),
    run_id="r1",
    phase="starting",
    speed=3.0,
    calm=True,
    images={name: f"sev0/{name}:x" for name in image_set((), CHOICES).services},
    api_images={"2.3.1": "sev0/api:2.3.1-x"},
    facts={"seed": 7},
)


def test_every_variable_that_the_file_names_is_given() -> None:
    named = set(re.findall(r"\$\{([A-Z0-9_]+)", (checkout() / FILE).read_text()))
    given = environment(STATE)
    assert named <= set(given), named - set(given)
    assert all(isinstance(value, str) for value in given.values())


def test_what_a_run_is_told() -> None:
    given = environment(STATE)
    assert (given["SPEED"], given["CALM"], given["RUN_ID"]) == ("3", "1", "r1")
    assert given["API_IMAGES"] == '{"2.3.1": "sev0/api:2.3.1-x"}'
    assert given["PORT_REFEREE"] == "40001"
    assert given["IMAGE_HAPROXY"] == "sev0/haproxy:x"
    assert given["LIMIT_S"] == "0"
    assert given["ENGINE_SOCKET"] == "/var/run/docker.sock"


def test_a_run_with_a_limit_and_a_rootless_engine_is_told_of_both() -> None:
    given = environment(replace(STATE, limit_s=600.0, engine_socket="/run/user/1000/docker.sock"))
    assert (given["LIMIT_S"], given["ENGINE_SOCKET"]) == ("600", "/run/user/1000/docker.sock")


def test_up_never_builds_and_never_pulls(tmp_path: Path) -> None:
    runner = RecordingRunner()
    Compose(runner=runner, root=tmp_path).up(STATE, lambda _: None)
    [argv] = runner.calls
    assert argv == [
        "docker", "compose", "--project-name", "sev0-team-1", "--file", f"{tmp_path}/{FILE}",
        "--progress", "plain", "up", "--detach", "--no-build", "--pull", "never", "--quiet-pull",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("Error response from daemon: Bind for 127.0.0.1:8080 failed: port is already allocated", PortTaken),
        ("listen tcp4 127.0.0.1:8080: bind: address already in use", PortTaken),
        ("Error response from daemon: No such image: sev0/x:y", StackNotReady),
    ],
)
def test_what_went_wrong_is_said_with_its_last_lines(
    said: str, trouble: type[Exception], tmp_path: Path
) -> None:
    runner = RecordingRunner({"docker compose": Output(exit_code=1, text=said)})
    with pytest.raises(trouble, match=re.escape(said)):
        Compose(runner=runner, root=tmp_path).up(STATE, lambda _: None)
