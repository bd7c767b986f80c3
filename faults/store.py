"""Receipts on disk, outside the victim: what was done to whom, written down before it was done."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any, Self

from faults.core import Receipt
from faults.errors import BadStore


class Phase(Enum):
    """How far a fault has come."""

    PREPARED = "prepared"
    INJECTED = "injected"
    ENDED = "ended"
    REVERTED = "reverted"

    @property
    def open(self) -> bool:
        """Whether something may be left to undo."""
        return self is not Phase.REVERTED


@dataclass(frozen=True, kw_only=True)
class Record:
    """One fault done to one target.

    *ended_by* says who ended it where we did not: a restart, a person, or the fault itself, and how. *left*
    says what its undo found that was somebody else's, and left alone.
    """

    id: str
    fault: str
    parameters: Mapping[str, Any]
    target: str
    receipt: Receipt
    victim_started_at: str
    prepared_at: float
    phase: Phase = Phase.PREPARED
    ended_by: str = ""
    left: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def now(self, phase: Phase, *, ended_by: str = "") -> Self:
        """The same record, further on."""
        return replace(self, phase=phase, ended_by=ended_by or self.ended_by)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A folder with one small JSON file for each fault that was prepared."""

    folder: Path

    def write(self, record: Record) -> None:
        """Write it down so that it survives a crash of this process, or of the machine; waits for its turn.

        Not for who has the store alone: see `put`.
        """
        with self.alone():
            self.put(record)

    def further(self, record: Record, *, was: Phase) -> Record:
        """Write it down where it is still in the phase *was*, and there; what is so then."""
        try:
            with self.turn():
                now = self._read(self._path(record)) if self._path(record).exists() else record
                if now.phase is not was:
                    return now
                self.put(record)
        except FileNotFoundError:  # the folder went with its lab
            pass
        return record

    def put(self, record: Record) -> None:
        """The same as `write`, for who has the store alone."""
        self.made()
        path = self._path(record)
        draft = path.with_suffix(".draft")
        content = {**asdict(record), "phase": record.phase.value}
        draft.touch(mode=0o600)  # what was taken from a victim may be a secret
        with draft.open("w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _to_disk(self.folder)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process look at what is open and write one more in between; waits for its turn.

        The lock dies with its process; its file is never removed, or two could hold one each.
        """
        self.made()
        with self.turn():
            yield

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """The same, of a folder that is there; FileNotFoundError where it is not."""
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def records(self) -> Iterator[Record]:
        """All that were written down, oldest first."""
        found = [self._read(path) for path in self._paths()]
        yield from sorted(found, key=lambda record: (record.prepared_at, record.id))

    def legible(self) -> Iterator[Record]:
        """Those that can be read: of the others, who looks at this store for its own sake is told."""
        for path in self._paths():
            with contextlib.suppress(BadStore):
                yield self._read(path)

    def open(self) -> tuple[Record, ...]:
        """Those that may have left something to undo."""
        return tuple(record for record in self.records() if record.phase.open)

    def _paths(self) -> list[Path]:
        return list(self.folder.glob("*.json")) if self.folder.is_dir() else []

    def _path(self, record: Record) -> Path:
        return self.folder / f"{record.id}.json"

    def made(self) -> None:
        """Make the folder where it is not there, and bring it to disk: a crash may lose a new one."""
        missing = [one for one in (self.folder, *self.folder.parents) if not one.is_dir()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            _to_disk(one.parent)

    def _read(self, path: Path) -> Record:
        try:
            content = json.loads(path.read_text())
            return Record(**{**content, "phase": Phase(content["phase"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadStore(f"{path} is not a receipt: {error}", hint="move it away and try again") from None


@contextlib.contextmanager
def alone(own: Store, others: Iterable[Store]) -> Iterator[None]:
    """Have several stores alone, by turns that are the same for everybody: nobody waits for ever.

    Of the *others*, one whose folder is gone stays gone.
    """
    own.made()
    with contextlib.ExitStack() as turns:
        for store in sorted((own, *others), key=lambda one: one.folder.resolve()):
            with contextlib.nullcontext() if store is own else contextlib.suppress(FileNotFoundError):
                turns.enter_context(store.turn())
        yield


def _to_disk(folder: Path) -> None:
    """Bring to disk which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
