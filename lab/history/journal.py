"""The run's append-only record: JSON lines, each chained to the one before by its hash (see `chain`)."""

import os
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from lab.history.chain import Scan, line_of, scan, signing_flaw
from lab.history.errors import JournalBroken
from lab.history.records import Record


class Journal:
    """One open journal; one writer at a time. With a *key* every line is signed as it is written.

    The file is not buffered: what waits to be written is kept here, so that nothing is written twice.

    *torn_bytes* is the length of an unfinished last line that a crash left behind and `open` dropped.
    *records* are those that were there at `open`, so that the writer can resume from them.
    """

    def __init__(self, file: IO[bytes], found: Scan, key: bytes | None) -> None:
        self._file = file
        self._pending = bytearray()
        self._key = key
        self._n = len(found.records)
        self._prev = found.head
        self.records = found.records
        self.torn_bytes = found.torn_bytes

    @classmethod
    def open(cls, path: Path, key: bytes | None = None) -> Self:
        """Open or create the journal at *path*; a torn last line is cut off, anything else wrong is
        JournalBroken.
        """
        path.touch()
        found = scan(path)
        # Lines that another wrote are never continued under our signature.
        flaw = found.flaw or signing_flaw(found, key)
        if flaw is not None:
            raise JournalBroken(f"journal {path}: {flaw}", hint="start a new run; this one cannot go on")
        if found.torn_bytes:
            os.truncate(path, found.sound_bytes)
        return cls(path.open("ab", buffering=0), found, key)

    def append(self, record: Record, *, durable: bool) -> None:
        """Write *record* behind the others; *durable* ones are on disk when this returns, with all before
        them.
        """
        line, self._prev = line_of(record, n=self._n, prev=self._prev, key=self._key)
        self._pending += line
        self._n += 1
        if durable:
            self.flush()

    def flush(self) -> None:
        """Bring everything appended so far to disk; where that fails (OSError), the next flush goes on."""
        while self._pending:
            # What was taken is counted here, so that a disk that is full in mid line spoils no later one.
            taken = self._file.write(self._pending)
            del self._pending[:taken]
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close."""
        if not self._file.closed:
            try:
                self.flush()
            finally:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def read_history(path: Path) -> tuple[Record, ...]:
    """All records of the journal at *path* but a torn last line; JournalBroken where the chain is."""
    found = scan(path)
    if found.flaw is not None:
        raise JournalBroken(f"journal {path}: {found.flaw}")
    return found.records
