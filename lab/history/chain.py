"""The chain that a journal's lines are: how a line is made, and how lines are read and checked again.

A line is ``{"n", "type", "t", …the record's fields…, "prev", "hash"}``; *hash* is SHA-256 over *prev* and
the line's canonical JSON without *hash* and *sig*. With a key each line also has *sig*, HMAC-SHA-256 of its
hash: without the key the chain can still be checked by anybody, but not made anew.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.history.codec import canonical, decode, encode
from lab.history.records import Record

GENESIS = "0" * 64
PURPOSE = b"sev0 journal\0"
SHOWN_CHARS = 60


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """The first line that is not as it was written, counted from 1: what had to be there, and what is."""

    line: int
    expected: str
    found: str

    def __str__(self) -> str:
        return f"line {self.line}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A journal read from its start: all sound lines, where they end, and what stopped the reading.

    *marks* are each sound line's hash and signature, "" where it has none. *torn_bytes* is the length of an
    unfinished last line.
    """

    records: tuple[Record, ...]
    marks: tuple[tuple[str, str], ...]
    sound_bytes: int
    torn_bytes: int
    flaw: Flaw | None

    @property
    def head(self) -> str:
        """The hash that the next line would follow."""
        return self.marks[-1][0] if self.marks else GENESIS


class _Differs(ValueError):
    """One thing of a line is not what it must be."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


def key_of(text: str) -> bytes:
    """The key that signs, of what a person chose as one; the text itself is kept nowhere."""
    return hashlib.sha256(PURPOSE + text.encode()).digest()


def line_of(record: Record, *, n: int, prev: str, key: bytes | None) -> tuple[bytes, str]:
    """The bytes of the *n*th line and its hash."""
    body = {"n": n, **encode(record), "prev": prev}
    digest = _digest(prev, body)
    signed = {} if key is None else {"sig": _signature(key, digest)}
    return canonical({**body, "hash": digest, **signed}).encode() + b"\n", digest


def scan(path: Path) -> Scan:
    """Read the journal at *path* up to the first line that is not sound."""
    records: list[Record] = []
    marks: list[tuple[str, str]] = []
    sound, torn, flaw = 0, 0, None
    for raw in _lines(path):
        if not raw.endswith(b"\n"):
            torn = len(raw)
            break
        try:
            line = _read(raw, n=len(records), prev=marks[-1][0] if marks else GENESIS)
            records.append(decode(line))
        except _Differs as error:
            flaw = Flaw(line=len(records) + 1, expected=error.expected, found=error.found)
            break
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            flaw = Flaw(line=len(records) + 1, expected="a record", found=f"{_shown(raw)} ({error})")
            break
        marks.append((line["hash"], str(line.get("sig", ""))))
        sound += len(raw)
    return Scan(records=tuple(records), marks=tuple(marks), sound_bytes=sound, torn_bytes=torn, flaw=flaw)


def signing_flaw(found: Scan, key: bytes | None) -> Flaw | None:
    """The first line whose signature is not like the first line's or, with a *key*, not made by it."""
    for line, (digest, sig) in enumerate(found.marks, start=1):
        if key is not None and not signed_by(key, digest, sig):
            return Flaw(line=line, expected="a signature by this key", found=_signing(sig))
        if bool(sig) is not bool(found.marks[0][1]):
            return Flaw(line=line, expected="to be signed as line 1 is", found=_signing(sig))
    return None


def signed_by(key: bytes, digest: str, sig: str) -> bool:
    """Whether *sig* was made of *digest* with *key*."""
    return hmac.compare_digest(sig.encode(), _signature(key, digest).encode())


def _signing(sig: str) -> str:
    return f"the signature {sig[:16]}…, which is not signed with this key" if sig else "no signature"


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _read(raw: bytes, *, n: int, prev: str) -> dict[str, Any]:
    """The line's object; _Differs says what of it does not fit behind *prev*."""
    line = json.loads(raw)
    if line["n"] != n:
        raise _Differs(f"number {n}", f"number {line['n']}: a line is missing or was put in")
    if line["prev"] != prev:
        raise _Differs(f"prev {prev[:16]}…, the hash of the line before", f"prev {str(line['prev'])[:16]}…")
    body = {name: value for name, value in line.items() if name not in ("hash", "sig")}
    digest = _digest(prev, body)
    if line["hash"] != digest:
        raise _Differs(
            f"hash {digest[:16]}…, that of what the line says now",
            f"hash {str(line['hash'])[:16]}…: the line was changed after it was written",
        )
    if raw != canonical(line).encode() + b"\n":
        raise _Differs(
            "the bytes that the lab writes", "the same data spelled otherwise: it was changed by hand"
        )
    return dict(line)


def _shown(raw: bytes) -> str:
    text = raw.decode(errors="replace").rstrip("\n")
    return repr(text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "…")


def _digest(prev: str, body: dict[str, Any]) -> str:
    return hashlib.sha256((prev + canonical(body)).encode()).hexdigest()


def _signature(key: bytes, digest: str) -> str:
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()
