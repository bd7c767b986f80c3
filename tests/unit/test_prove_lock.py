"""Two proofs never share a lab: the second is refused before it does anything."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.stack.places import checkout
from tests.host.labs import from_a_terminal

# The command itself, whose cells take for ever and need no engine.
WAITS = """
import sys, time
import lab.cli
import lab.cli.prove
def held(*_, **__):
    print("held", flush=True)
    time.sleep(60)
lab.cli.prove.prove_all = held
lab.cli.main(["prove", "max-connections", "--only", "healthy", "--json", *sys.argv[1:]])
"""


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own, and nobody's lab name."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.delenv("LAB_NAME", raising=False)


@contextmanager
def proof(*options: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that proves, once it runs cells."""
    with subprocess.Popen(
        [sys.executable, "-c", WAITS, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=checkout(),
        preexec_fn=from_a_terminal,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "held\n", process.stderr.read()
            yield process
        finally:
            process.kill()


def refused(*options: str) -> str:
    """What a proof says that cannot begin."""
    # Not the command itself: were the lock broken, it would start containers.
    argv = [sys.executable, "-c", WAITS, *options]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False, cwd=checkout())
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


def test_a_second_proof_of_one_name_is_told_whose_lab_it_is_and_what_to_type() -> None:
    with proof() as first:
        said = refused()
        assert f"process {first.pid} is proving on lab proof right now" in said
        assert "lab prove --name proof-b" in said
        assert "process" in refused("--name", "main")
        with proof("--name", "proof-b"):
            pass


def test_every_lab_of_a_proof_is_its_own() -> None:
    with proof("--labs", "2", "--repeat", "2") as first:
        assert f"process {first.pid} is proving on lab proof-2 right now" in refused("--name", "proof-2")
    with proof("--name", "proof-2"):
        assert "on lab proof-2 " in refused("--labs", "2", "--repeat", "2")
        with proof():
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "SIGKILL"])
def test_a_proof_that_ends_in_any_way_leaves_no_lock(number: signal.Signals) -> None:
    with proof() as first:
        os.kill(first.pid, number)
        assert first.wait(30) == (130 if number is signal.SIGINT else -signal.SIGKILL)
        with proof():
            pass


def test_a_list_of_cells_needs_no_lab() -> None:
    with proof():
        argv = [sys.executable, "-c", WAITS, "--list"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True, cwd=checkout())
    assert json.loads(done.stdout)["cell"] == "healthy"
