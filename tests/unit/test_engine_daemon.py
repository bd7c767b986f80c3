"""The engine that we may have started: known by its process, stopped on request, never mistaken."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine import daemon
from lab.engine.daemon import Ours
from lab.engine.machine import Machine
from lab.engine.runner import SystemRunner

ROOT = Machine(distro="debian", codename="bookworm", as_root=(), systemd=False)

PRETENDER = """
import pathlib, signal, sys, time
file = pathlib.Path(sys.argv[2])
signal.signal(signal.SIGTERM, lambda *_: (file.unlink(), sys.exit(0)))
file.write_text(str(__import__("os").getpid()))
time.sleep(60)
"""


@pytest.fixture
def pretender(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that looks and ends as an engine of ours does."""
    argv = [sys.executable, "-c", PRETENDER, "dockerd", str(tmp_path / "dockerd.pid")]
    process = subprocess.Popen(argv)
    while not (tmp_path / "dockerd.pid").exists() or not (tmp_path / "dockerd.pid").read_text():
        assert process.poll() is None
    yield process
    process.kill()
    process.wait()


def test_one_that_runs_is_known_by_its_process(pretender: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    assert Ours(folder=tmp_path).pid() == pretender.pid


def test_it_is_stopped_once(pretender: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    ours = Ours(folder=tmp_path)
    assert daemon.stop(SystemRunner(), ROOT, ours)
    assert pretender.wait(timeout=5) == 0
    assert not daemon.stop(SystemRunner(), ROOT, ours)


@pytest.mark.parametrize("content", ["", "not a number", "1", "999999999"])
def test_a_file_left_by_a_power_cut_names_nobody(content: str, tmp_path: Path) -> None:
    (tmp_path / "dockerd.pid").write_text(content)
    assert Ours(folder=tmp_path).pid() is None


def test_no_file_is_no_engine_of_ours(tmp_path: Path) -> None:
    assert Ours(folder=tmp_path).pid() is None
