"""The one seam to other programs: run them, watch them, end them when we are told to stop."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from lab.engine.signals import deferred

NOT_FOUND = 127
TIMED_OUT = 124

OnLine = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Output:
    """How a program ended; *text* is what it wrote, errors included where it was watched line by line."""

    exit_code: int
    text: str
    error_text: str = ""

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.exit_code == 0

    def last_line(self) -> str:
        """The last line that says something, errors first."""
        lines = [line.strip() for line in (self.error_text or self.text).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.exit_code}, and not a word"


class Runner(Protocol):
    """Runs programs. Never raises for how they end: 127 is not found, 124 took too long."""

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 60.0,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """Run to the end and return all of its output."""

    def watch(
        self,
        argv: Sequence[str],
        *,
        on_line: OnLine,
        timeout_s: float,
        first_line_s: float | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """Run to the end, handing on each line as it comes; a silent start of *first_line_s* ends it."""

    def detach(self, argv: Sequence[str], *, log: Path) -> int:
        """Start something that outlives us, logging to *log*; returns its process id."""

    def stop(self) -> None:
        """End everything that runs now, and refuse to start more until `resume`."""

    def resume(self) -> None:
        """Allow new programs again."""


class SystemRunner:
    """Runs real programs, each in a session of its own.

    A session of its own keeps the terminal's Ctrl-C from them: we get it, and end them in our own order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alive: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = 60.0,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """Run to the end and return all of its output."""
        try:
            with self._started(argv, stderr=subprocess.PIPE, env=env, reads=stdin is not None) as process:
                try:
                    text, error_text = process.communicate(stdin, timeout=timeout_s)
                except subprocess.TimeoutExpired:
                    _end(process)
                    return Output(
                        exit_code=TIMED_OUT, text="", error_text=f"no answer within {timeout_s:g} s"
                    )
        except (FileNotFoundError, PermissionError) as error:
            return Output(exit_code=NOT_FOUND, text="", error_text=str(error))
        return Output(exit_code=process.returncode, text=text, error_text=error_text)

    def watch(
        self,
        argv: Sequence[str],
        *,
        on_line: OnLine,
        timeout_s: float,
        first_line_s: float | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Output:
        """Run to the end, handing on each line as it comes; a silent start of *first_line_s* ends it."""
        try:
            with self._started(argv, stderr=subprocess.STDOUT, env=env) as process:
                return _follow(process, on_line=on_line, timeout_s=timeout_s, first_line_s=first_line_s)
        except (FileNotFoundError, PermissionError) as error:
            return Output(exit_code=NOT_FOUND, text=str(error))

    def detach(self, argv: Sequence[str], *, log: Path) -> int:
        """Start something that outlives us, logging to *log*; returns its process id."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pid = process.pid
        process.returncode = 0  # it is meant to outlive us: no ResourceWarning, no zombie watch
        return pid

    def stop(self) -> None:
        """End everything that runs now, and refuse to start more (threads may be about to)."""
        with self._lock:
            self._stopped = True
            alive = tuple(self._alive)
        for process in alive:
            _end(process)

    def resume(self) -> None:
        """Allow new programs again: the clean-up needs some."""
        self._stopped = False

    @contextlib.contextmanager
    def _started(
        self, argv: Sequence[str], *, stderr: int, env: Mapping[str, str] | None, reads: bool = False
    ) -> Iterator[subprocess.Popen[str]]:
        process: subprocess.Popen[str] | None = None
        try:
            with deferred(), self._lock:
                if self._stopped:
                    raise KeyboardInterrupt
                process = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    text=True,
                    errors="replace",
                    env=None if env is None else {**os.environ, **env},
                    start_new_session=True,
                )
                self._alive.add(process)
            yield process
        finally:
            if process is not None:
                _end(process)
                _close(process)
                self._alive.discard(process)


def _close(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the whole session of a process to end, then make it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3.0)


def _follow(
    process: subprocess.Popen[str], *, on_line: OnLine, timeout_s: float, first_line_s: float | None
) -> Output:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert process.stdout is not None  # noqa: S101  a PIPE was asked for; this tells mypy
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    deadline = time.monotonic() + timeout_s
    patience = time.monotonic() + (timeout_s if first_line_s is None else first_line_s)
    seen: list[str] = []
    while True:
        try:
            line = lines.get(timeout=max(0.0, min(deadline, patience) - time.monotonic()))
        except queue.Empty:
            _end(process)
            seen.append(f"ended: no {'answer' if not seen else 'end'} in time")
            return Output(exit_code=TIMED_OUT, text="\n".join(seen))
        if line is None:
            return Output(exit_code=process.wait(), text="\n".join(seen))
        patience = deadline
        seen.append(line)
        on_line(line)


def _pump(stream: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            lines.put(line.rstrip("\n"))
    lines.put(None)
