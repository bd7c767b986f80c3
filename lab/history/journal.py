"""The run's append-only record: JSON lines, each chained to the one before by its hash.

A line is ``{"n", "type", "t", …the record's fields…, "prev", "hash"}``; *hash* is SHA-256 over *prev* and
the line's canonical JSON without *hash* and *sig*. With a key (a grader's CI) each line also has *sig*,
HMAC-SHA-256 of its hash: without the key the chain can still be checked by anybody, but not made anew.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from lab.history.codec import canonical, decode, encode
from lab.history.errors import JournalBroken
from lab.history.records import Record

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a check of a journal found. *because* names the first line that is wrong, "" where none is."""

    ok: bool
    lines: int
    signed: bool
    torn_bytes: int
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class _Scan:
    """A journal read from its start: all sound lines, where they end, and what stopped the reading."""

    records: tuple[Record, ...]
    prev: str
    sound_bytes: int
    torn_bytes: int
    signed: bool
    because: str


class Journal:
    """One open journal; one writer at a time.

    *torn_bytes* is the length of an unfinished last line that a crash left behind and `open` dropped.
    *records* are those that were there at `open`, so that the writer can resume from them.
    """

    def __init__(self, file: IO[bytes], scan: _Scan, key: bytes | None) -> None:
        self._file = file
        self._key = key
        self._n = len(scan.records)
        self._prev = scan.prev
        self.records = scan.records
        self.torn_bytes = scan.torn_bytes

    @classmethod
    def open(cls, path: Path, key: bytes | None = None) -> Self:
        """Open or create the journal at *path*; a torn last line is cut off, anything else wrong is
        JournalBroken.
        """
        path.touch()
        scan = _scan(path, key)
        if scan.because:
            raise JournalBroken(
                f"journal {path}: {scan.because}", hint="start a new run; this one cannot go on"
            )
        if scan.torn_bytes:
            os.truncate(path, scan.sound_bytes)
        return cls(path.open("ab"), scan, key)

    def append(self, record: Record, *, durable: bool) -> None:
        """Write *record* behind the others; *durable* ones are on disk when this returns, with all before
        them.
        """
        body = {"n": self._n, **encode(record), "prev": self._prev}
        digest = _digest(self._prev, body)
        line: dict[str, Any] = {**body, "hash": digest}
        if self._key is not None:
            line["sig"] = _signature(self._key, digest)
        self._file.write(canonical(line).encode() + b"\n")
        self._n += 1
        self._prev = digest
        if durable:
            self.flush()

    def flush(self) -> None:
        """Bring everything appended so far to disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close."""
        if not self._file.closed:
            self.flush()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def read_history(path: Path) -> tuple[Record, ...]:
    """All records of the journal at *path* but a torn last line; JournalBroken where the chain is."""
    scan = _scan(path, None)
    if scan.because:
        raise JournalBroken(f"journal {path}: {scan.because}")
    return scan.records


def verify(path: Path, key: bytes | None = None) -> Verification:
    """Check the chain, and the signatures where a *key* is given."""
    scan = _scan(path, key)
    return Verification(
        ok=not scan.because,
        lines=len(scan.records),
        signed=scan.signed,
        torn_bytes=scan.torn_bytes,
        because=scan.because,
    )


def _scan(path: Path, key: bytes | None) -> _Scan:
    records: list[Record] = []
    prev, sound, torn, signed, because = GENESIS, 0, 0, False, ""
    for raw in _lines(path):
        if not raw.endswith(b"\n"):
            torn = len(raw)
            break
        try:
            line = json.loads(raw)
            _check(line, len(records), prev, key)
            records.append(decode(line))
        except (ValueError, KeyError, TypeError) as error:
            because = f"line {len(records) + 1}: {error}"
            break
        prev, signed = line["hash"], "sig" in line
        sound += len(raw)
    return _Scan(
        records=tuple(records), prev=prev, sound_bytes=sound, torn_bytes=torn, signed=signed, because=because
    )


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _check(line: dict[str, Any], n: int, prev: str, key: bytes | None) -> None:
    if line["n"] != n:
        raise ValueError(f"has number {line['n']}, expected {n}: a line is missing or was put in")
    if line["prev"] != prev:
        raise ValueError("does not follow the line before it")
    body = {name: value for name, value in line.items() if name not in ("hash", "sig")}
    if line["hash"] != _digest(prev, body):
        raise ValueError("was changed after it was written")
    if key is not None and not hmac.compare_digest(str(line.get("sig", "")), _signature(key, line["hash"])):
        raise ValueError("is not signed with this key")


def _digest(prev: str, body: dict[str, Any]) -> str:
    return hashlib.sha256((prev + canonical(body)).encode()).hexdigest()


def _signature(key: bytes, digest: str) -> str:
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()
