"""Run a program that may hang or never stop talking: a wall limit, and a cap on its output."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO

CHUNK_BYTES = 64 * 1024


class Ending(Enum):
    """How a capped program came to its end."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    FLOODED = "flooded its output"


@dataclass(frozen=True, kw_only=True)
class Capped:
    """A program that ended, or was ended. *exit_code* is None where it was."""

    ending: Ending
    exit_code: int | None
    output: bytes
    took_s: float


def run_capped(
    argv: Sequence[str],
    *,
    timeout_s: float,
    max_bytes: int,
    sink: Callable[[bytes], None] = lambda _chunk: None,
) -> Capped:
    """Run *argv*, handing on its output as it comes; end it at *timeout_s* or beyond *max_bytes*.

    Output still open after the program has ended belongs to something it left behind: it is not waited for.
    """
    began = time.monotonic()
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None  # noqa: S101  a PIPE was asked for; this tells mypy
    output = bytearray()
    try:
        with process.stdout as pipe:
            ending = _read(process, pipe, output, sink, deadline=began + timeout_s, max_bytes=max_bytes)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    return Capped(
        ending=ending,
        exit_code=process.returncode if ending is Ending.EXITED else None,
        output=bytes(output[:max_bytes]),
        took_s=time.monotonic() - began,
    )


def _read(
    process: subprocess.Popen[bytes],
    pipe: IO[bytes],
    output: bytearray,
    sink: Callable[[bytes], None],
    *,
    deadline: float,
    max_bytes: int,
) -> Ending:
    os.set_blocking(pipe.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            ended = process.poll() is not None
            left_s = deadline - time.monotonic()
            if left_s <= 0 and not ended:
                return Ending.TIMED_OUT
            if not selector.select(timeout=0 if ended else min(left_s, 0.2)):
                if ended:
                    return Ending.EXITED
                continue
            chunk = os.read(pipe.fileno(), CHUNK_BYTES)
            if not chunk:
                return _after_silence(process, left_s)
            output += chunk
            sink(chunk[: max(0, max_bytes - (len(output) - len(chunk)))])
            if len(output) > max_bytes:
                return Ending.FLOODED


def _after_silence(process: subprocess.Popen[bytes], left_s: float) -> Ending:
    """Wait for a program that has closed its output to end."""
    try:
        process.wait(timeout=max(0.0, left_s))
    except subprocess.TimeoutExpired:
        return Ending.TIMED_OUT
    return Ending.EXITED
