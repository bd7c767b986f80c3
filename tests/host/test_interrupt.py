"""Ctrl-C at any moment of a start removes what was made."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from faults.wait import until
from lab.engine.runner import SystemRunner
from lab.stack.containers import Labelled
from lab.stack.images import image_set
from lab.stack.places import checkout
from lab.stack.ports import any_free
from tests.host.labs import from_a_terminal

pytestmark = [pytest.mark.docker, pytest.mark.lab]

MOMENTS_S = (0.0, 0.4, 1.2, 2.5, 8.0)
# In the baseline, and in the incident before its page.
LATER_S = (15.0, 30.0)


@pytest.mark.parametrize(
    "after_s", [*MOMENTS_S, *(pytest.param(late, marks=pytest.mark.matrix) for late in LATER_S)]
)
def test_nothing_is_left_of_a_start_that_was_interrupted(
    after_s: float, label: str, runner: SystemRunner, tmp_path: Path
) -> None:
    # Ports of its own: a lab of another home, starting at the same moment, would choose the same usual ones.
    ports = [f"--{name}-port={any_free()}" for name in ("shop", "prometheus")]
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "start", "max-connections", "--name", label, *ports],
        cwd=checkout(),
        env={**os.environ, "LAB_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=from_a_terminal,
    )
    wait_until_it_acts(process, tmp_path / "labs" / label)
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert not Labelled(runner=runner).things(label, compose_too=True)
    assert not (tmp_path / "labs" / label).exists()


def test_a_build_that_was_interrupted_is_ended_and_nothing_is_left(
    label: str, runner: SystemRunner, tmp_path: Path
) -> None:
    """In a clone with one more line in an image, a line that takes its time."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(checkout()), str(clone)], check=True)
    line = f"sleep 301.{uuid.uuid4().int % 10**9}"
    with (clone / "compose/images/haproxy/Dockerfile").open("a") as dockerfile:
        dockerfile.write(f"RUN {line}\n")
    [image] = [one for one in image_set(()).all() if one.name == "haproxy"]
    builds = ("buildx build", image.tag(clone))
    process = subprocess.Popen(
        [sys.executable, "-m", "lab", "start", "max-connections", "--name", label],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone), "LAB_HOME": str(tmp_path / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=from_a_terminal,
    )
    try:
        until(
            lambda: running(line) or process.poll() is not None or None,
            what="the build is under way",
            timeout_s=900,
        )
        assert process.poll() is None, process.communicate()[1]
        assert running(*builds)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 130, said
    finally:
        process.kill()
    until(lambda: not running(line) or None, what="the build is ended", timeout_s=60)
    assert not running(*builds)
    assert not Labelled(runner=runner).things(label, compose_too=True)
    assert not list(tmp_path.glob("home/labs/*"))


def running(*words: str) -> bool:
    """Whether a program of this machine was started with these words."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(place.read_bytes().replace(bytes(1), b" ").decode(errors="replace"))
    return any(all(word in line for word in words) for line in found)


def wait_until_it_acts(process: "subprocess.Popen[str]", folder: Path) -> None:
    """Wait for the lab's folder: from there on there is something to clean up."""
    deadline = time.monotonic() + 300
    while not folder.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
