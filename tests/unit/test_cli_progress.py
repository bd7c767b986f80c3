"""Progress: live on a terminal, plain lines elsewhere; what was done to the machine stays on both."""

import itertools
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from lab.cli._progress import LiveProgress, PlainProgress
from lab.engine.base import ensure_base
from lab.engine.daemon import Ours
from lab.engine.ensure import EngineWanted
from lab.engine.machine import Machine
from lab.engine.runner import Output
from lab.stack.launch import Launcher
from lab.stack.progress import Progress
from tests.unit.recording import MISSING, OK, RecordingRunner

BOOKWORM = Machine(distro="debian", codename="bookworm", as_root=(), systemd=True)


def written(capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """What was printed so far, without its seconds."""
    for line in capsys.readouterr().err.splitlines():
        yield " ".join(line.split()[:-2] if line.endswith(" s") else line.split())


def test_a_short_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainProgress().step("containers") as note:
        note("a line that nobody sees")
    assert list(written(capsys)) == ["ok containers"]


def test_a_step_that_lasts_is_said_before_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    lines = list[str]()
    with PlainProgress(begun_after_s=0.01).step("base image"):
        while not lines:
            lines += written(capsys)
            time.sleep(0.01)
    assert lines == ["... base image"]
    assert list(written(capsys)) == ["ok base image"]


def test_a_step_that_fails_says_so_and_a_remark_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    shown = PlainProgress()
    shown.say("port 8080 is taken")
    with pytest.raises(ZeroDivisionError), shown.step("images"):
        raise ZeroDivisionError
    assert list(written(capsys)) == ["note port 8080 is taken", "failed images"]


def test_a_step_that_is_over_is_never_said_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(50):
        with PlainProgress(begun_after_s=0.0).step("x"):
            pass
    lines = list(written(capsys))
    assert lines[-1] == "ok x"
    assert not [pair for pair in itertools.pairwise(lines) if pair == ("... x", "... x")]


@pytest.fixture
def terminal() -> Console:
    """One whose every character is kept."""
    return Console(file=StringIO(), force_terminal=True, width=80, highlight=False, color_system=None)


def shown_on(terminal: Console) -> str:
    assert isinstance(terminal.file, StringIO)
    return terminal.file.getvalue()


def test_a_live_step_leaves_one_line_behind(terminal: Console) -> None:
    live = LiveProgress(terminal)
    with live.step("containers") as note:
        note("pulling [layer] 3 of 7")
    with pytest.raises(ZeroDivisionError), live.step("images"):
        raise ZeroDivisionError
    said = shown_on(terminal)
    assert "✓ containers" in said
    assert "✗ images" in said


def test_live_notes_and_remarks_are_no_markup(terminal: Console) -> None:
    live = LiveProgress(terminal)
    with live.step("[red]title") as note:
        note("a [b]note")
        live.say("a [i]remark")
    said = shown_on(terminal)
    assert "• a [i]remark" in said
    assert "✓ [red]title" in said


def test_steps_that_run_at_the_same_time_share_what_is_live(terminal: Console) -> None:
    live = LiveProgress(terminal)
    with live.step("one"), live.step("two"):
        pass
    with live.step("three"):
        pass
    said = shown_on(terminal)
    assert [said.count(f"✓ {title}") for title in ("one", "two", "three")] == [1, 1, 1]


def bring_up(progress: Progress, tmp_path: Path) -> None:
    """What `lab start` does first, on a bare Debian whose plugins are another release's."""
    dead = Output(exit_code=1, text="{}", error_text="Cannot connect to the Docker daemon.")
    answers = Output(exit_code=0, text='{"ServerVersion": "20.10.24"}')
    local = Output(exit_code=0, text="unix:///var/run/docker.sock\n")
    runner = RecordingRunner(
        {
            "docker info": [MISSING, dead, answers],
            "docker context inspect": local,
            "docker compose version": [MISSING, OK],
        }
    )
    wanted = EngineWanted(
        runner=runner, ours=Ours(folder=tmp_path), machine=lambda _: BOOKWORM, environment={}
    )
    Launcher(runner=runner, root=tmp_path, engine_wanted=wanted, progress=progress).engine()


DONE = ("installing docker.io with apt-get", "to apt's sources", "started by systemd", "plugin compose")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apt's sources, as they are before."""
    text = "deb http://mirror.example/debian bookworm main\n"
    monkeypatch.setattr("lab.engine.install.apt_sources", lambda: text)


@pytest.mark.usefixtures("sources")
def test_what_is_done_to_the_machine_is_said_off_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_up(PlainProgress(), tmp_path)
    lines = [line for line in written(capsys) if line.startswith("note")]
    assert all(any(done in line for line in lines) for done in DONE), lines


@pytest.mark.usefixtures("sources")
def test_what_is_done_to_the_machine_stays_on_a_terminal(tmp_path: Path, terminal: Console) -> None:
    bring_up(LiveProgress(terminal), tmp_path)
    lines = [line for line in shown_on(terminal).splitlines() if "• " in line]
    assert any("installing docker.io with apt-get" in line for line in lines)
    assert any("started by systemd" in line for line in lines)


def test_what_is_installed_to_make_a_base_image_is_said_to_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.engine.base.shutil.which", lambda _: None)
    monkeypatch.setattr("lab.engine.base.look", lambda _: BOOKWORM)
    away, remarks = Output(exit_code=1, text="no such host"), list[str]()
    runner = RecordingRunner({"docker image inspect": [away, OK], "docker pull": away})
    ensure_base(runner, log=tmp_path / "base.log", say=lambda _: None, remark=remarks.append)
    assert remarks == ["installing mmdebstrap with apt-get"]
