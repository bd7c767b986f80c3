"""One command at a time may change a lab, and one proof at a time runs on it.

A lock dies with its process, so it is never stale.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.errors import RunActive
from lab.stack.places import home


def _file(lab: str) -> Path:
    return home() / "locks" / f"{lab}.lock"


@contextlib.contextmanager
def held(lab: str) -> Iterator[None]:
    """Hold the lab's lock; RunActive at once where another process does.

    The file is never removed: a process that had just opened it would then lock a file nobody sees.
    """
    with _locked(_file(lab), wait=False) as other:
        if other is not None:
            raise RunActive(
                f"process {other or 'unknown'} is at work on lab {lab} right now",
                hint="wait for it to end, or press Ctrl-C there; a second lab needs its own --name",
            )
        yield


@contextlib.contextmanager
def proving(labs: Sequence[str]) -> Iterator[None]:
    """Keep other proofs off these labs; RunActive at once where one of them has another.

    Beside the labs' own locks, which the commands of a proof take one after the other.
    """
    with contextlib.ExitStack() as locks:
        for lab in labs:
            other = locks.enter_context(_locked(home() / "locks" / f"{lab}.proof", wait=False))
            if other is not None:
                raise RunActive(
                    f"process {other or 'unknown'} is proving on lab {lab} right now",
                    hint=f"wait for it to end, or prove on another lab: lab prove --name {lab}-b",
                )
        yield


@contextlib.contextmanager
def ports_held() -> Iterator[None]:
    """Hold the lock under which labs choose their ports; waits for its turn, which is short."""
    with _locked(home() / "locks" / "ports", wait=True):
        yield


def holder(lab: str) -> str | None:
    """The process that holds the lab's lock, None where nobody does."""
    if not _file(lab).is_file():
        return None
    with _locked(_file(lab), wait=False) as other:
        return other


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[str | None]:
    """Yield None with the lock held, else the process id that its holder wrote down."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield os.read(handle, 32).decode(errors="replace").strip()
            return
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield None
    finally:
        os.close(handle)
