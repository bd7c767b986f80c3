"""The command line: every verb is there and explains itself, every trouble has its message and exit code."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import lab.cli
from lab.cli import cli, run
from lab.errors import BuildFailed
from lab.stack.places import checkout
from tests.host.labs import from_a_terminal

VERBS = (
    "start",
    "shell",
    "grade",
    "reset",
    "down",
    "list",
    "run",
    "prove",
    "regrade",
    "verify",
    "lint",
    "doctor",
)
TRAINEES = ("status", "ack", "status-update", "diagnose", "hint")
# The verbs below `fault` take it.
WITHOUT_A_LAB = {"list", "regrade", "verify", "lint", "new", "doctor", "images", "fault", "faults"}


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, and nobody's lab name."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LAB_NAME", raising=False)
    return tmp_path / "home"


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command


def verbs_below() -> Iterator[tuple[str, click.Command]]:
    """Those of the verbs that are groups."""
    for name, group in commands():
        if isinstance(group, click.Group):
            yield from ((f"{name} {below}", command) for below, command in group.commands.items())


def test_every_verb_is_there() -> None:
    assert {*VERBS, *TRAINEES} <= {name for name, _ in commands()}


def test_every_verb_explains_itself() -> None:
    for name, command in commands():
        text = command.get_help(click.Context(command, info_name=f"lab {name}"))
        assert len(text.splitlines()) > 5, name
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options if not option.hidden), name


def test_every_verb_shows_an_example() -> None:
    for name, command in (*commands(), *verbs_below()):
        assert re.search(rf"^ *lab {name}\b", command.help or "", re.MULTILINE), name


def test_every_verb_about_a_lab_takes_its_name() -> None:
    for name, command in commands():
        has = any("--name" in parameter.opts for parameter in command.params)
        assert has or name in WITHOUT_A_LAB, name


def test_an_option_of_a_verb_does_not_hide_the_labs_name() -> None:
    for name, command in commands():
        spelled = [spelling for parameter in command.params for spelling in parameter.opts]
        assert len(spelled) == len(set(spelled)), name
        variables = [parameter.name for parameter in command.params]
        assert len(variables) == len(set(variables)), name


def test_an_unknown_scenario_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["start", "max-conections"]) == 2
    said = capsys.readouterr().err
    assert "did you mean max-connections?" in said
    assert "Traceback" not in said


def test_one_that_is_like_none_is_answered_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["start", "zzzzzz"]) == 2
    assert "lab list" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        ["status"],
        ["grade"],
        ["hint", "--yes"],
        ["ack"],
        ["shell"],
        ["reset"],
        ["regrade", "nothing"],
        ["brief"],
    ],
    ids=lambda argv: str(argv[0]),
)
def test_a_verb_without_its_run_says_so(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv) == 2
    assert re.search(r"no (lab|run)", capsys.readouterr().err)


@pytest.mark.parametrize(
    "argv",
    [
        ["no-such-verb"],
        ["start"],
        ["start", "max-connections", "--shop-port", "99999"],
        ["down", "--name", "A B"],
    ],
    ids=["verb", "argument", "port", "name"],
)
def test_words_that_are_off_exit_with_2(argv: list[str]) -> None:
    assert run(argv) == 2


def test_help_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    assert "Exit codes: 0 pass" in said
    assert "130 interrupted" in said


def lab_process(*argv: str, **environment: str) -> "subprocess.Popen[str]":
    """The command as people start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *argv],
        cwd=checkout(),
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=from_a_terminal,
    )


def test_no_engine_and_not_allowed_to_install_one(tmp_path: Path) -> None:
    with lab_process("start", "max-connections", PATH=str(tmp_path), LAB_INSTALL_ENGINE="0") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "no docker command on PATH, and LAB_INSTALL_ENGINE=0 forbids installing one" in said
    assert len([line for line in said.splitlines() if line.startswith("  ")]) == 2


@pytest.mark.docker
def test_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    with lab_process("start", "max-connections", DOCKER_HOST=f"unix://{tmp_path}/none.sock") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"the Docker engine at unix://{tmp_path}/none.sock does not answer" in said


@pytest.mark.docker
def test_down_with_nothing_there_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["down", "--name", "test-nothing"]) == 0
    assert "is not there" in capsys.readouterr().out


def test_our_own_bug_is_short_on_the_screen_and_whole_in_a_file(
    lab_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(cli, "main", broken)
    assert run([]) == 70
    said = capsys.readouterr().err
    [log] = lab_home.glob("crash-*.log")
    assert "ZeroDivisionError: of ours" in said
    assert str(log) in said
    assert "Traceback" not in said
    assert "Traceback" in log.read_text()


def test_trouble_is_shown_with_what_to_type_on_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    lab.cli.show_error(BuildFailed("image x did not build:\nlast line", hint="the whole log: /x.log"))
    assert capsys.readouterr().err == "lab: image x did not build:\nlast line\n  the whole log: /x.log\n"


@pytest.mark.docker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_start_that_waits_for_its_engine_can_be_interrupted(number: int, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "docker.sock"))
        deaf.listen()
        process = lab_process("start", "max-connections", DOCKER_HOST=f"unix://{tmp_path}/docker.sock")
        accepted, _ = deaf.accept()
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
        accepted.close()
    assert process.returncode == 130
    assert "interrupted" in said
