"""Running programs: how they end is a value, what they leave is ended, Ctrl-C tears nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lab.engine.capped import Ending, run_capped
from lab.engine.runner import NOT_FOUND, TIMED_OUT, SystemRunner
from lab.engine.signals import deferred
from lab.stack.places import checkout


def test_words_and_exit_code_come_back(runner: SystemRunner) -> None:
    output = runner.run(["sh", "-c", "cat; echo bad >&2; exit 3"], stdin="good\n")
    assert (output.text, output.error_text, output.exit_code) == ("good\n", "bad\n", 3)
    assert output.last_line() == "bad"


def test_a_program_that_is_not_there_is_127(runner: SystemRunner) -> None:
    assert runner.run(["sev0-no-such-program"]).exit_code == NOT_FOUND
    assert runner.watch(["sev0-no-such-program"], on_line=print, timeout_s=1).exit_code == NOT_FOUND


def test_one_that_hangs_is_ended_with_all_it_started(runner: SystemRunner, tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path / 'child'}; wait"
    assert runner.run(["sh", "-c", script], timeout_s=0.5).exit_code == TIMED_OUT
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_lines_are_handed_on_as_they_come(runner: SystemRunner) -> None:
    lines: list[str] = []
    output = runner.watch(["sh", "-c", "echo one; echo two >&2; exit 4"], on_line=lines.append, timeout_s=5)
    assert lines == ["one", "two"]
    assert output.exit_code == 4


def test_a_silent_start_is_given_up_early(runner: SystemRunner) -> None:
    began = time.monotonic()
    output = runner.watch(["sleep", "60"], on_line=print, timeout_s=30, first_line_s=0.3)
    assert output.exit_code == TIMED_OUT
    assert time.monotonic() - began < 25


def test_one_that_spoke_once_may_take_its_time(runner: SystemRunner) -> None:
    output = runner.watch(
        ["sh", "-c", "echo hello; sleep 0.6"], on_line=lambda _: None, timeout_s=10, first_line_s=0.3
    )
    assert output.ok


def test_stop_ends_what_threads_run_and_refuses_more_until_resumed(runner: SystemRunner) -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(runner.run(["sleep", "60"]).exit_code))
    thread.start()
    time.sleep(0.3)
    runner.stop()
    thread.join(timeout=5)
    assert done
    assert done[0] != 0
    with pytest.raises(KeyboardInterrupt):
        runner.run(["true"])
    runner.resume()
    assert runner.run(["true"]).ok


def test_a_signal_within_is_delivered_at_the_end() -> None:
    steps: list[str] = []

    def interrupted() -> None:
        with deferred():
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("went on")
        steps.append("never")

    # Whoever runs the tests in the background of a shell has them begin with this signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert steps == ["went on"]


def test_what_is_detached_outlives_us(tmp_path: Path) -> None:
    code = (
        "from lab.engine.runner import SystemRunner; from pathlib import Path;"
        f"print(SystemRunner().detach(['sh', '-c', 'echo up; sleep 9'], log=Path({str(tmp_path / 'log')!r})))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=checkout()
    )
    pid = int(said.stdout)
    try:
        os.kill(pid, 0)
        while "up" not in (tmp_path / "log").read_text():
            time.sleep(0.01)
    finally:
        os.killpg(pid, signal.SIGKILL)


def test_capped_output_and_exit_code() -> None:
    seen = bytearray()
    done = run_capped(["sh", "-c", "echo hello; exit 5"], timeout_s=5, max_bytes=100, sink=seen.extend)
    assert (done.ending, done.exit_code, done.output) == (Ending.EXITED, 5, b"hello\n")
    assert bytes(seen) == b"hello\n"


def test_a_flood_is_ended_at_the_cap() -> None:
    seen = bytearray()
    done = run_capped(["yes"], timeout_s=30, max_bytes=1000, sink=seen.extend)
    assert (done.ending, done.exit_code) == (Ending.FLOODED, None)
    assert len(done.output) == 1000
    assert len(seen) == 1000


@pytest.mark.parametrize("script", ["sleep 60", "exec >&- 2>&-; sleep 60"], ids=["open", "closed output"])
def test_one_that_hangs_is_ended_at_its_limit(script: str) -> None:
    done = run_capped(["sh", "-c", script], timeout_s=0.5, max_bytes=1000)
    assert (done.ending, done.exit_code) == (Ending.TIMED_OUT, None)
    assert done.took_s < 25


def test_output_that_a_child_keeps_open_is_not_waited_for() -> None:
    done = run_capped(["sh", "-c", "echo hi; sleep 60 & exit 0"], timeout_s=30, max_bytes=1000)
    assert (done.ending, done.exit_code) == (Ending.EXITED, 0)
    assert done.took_s < 25
