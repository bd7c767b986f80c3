"""Whether a journal is as it was written: what a check of its chain and its signatures comes to."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lab.history.chain import Flaw, Scan, scan, signed_by, signing_flaw
from lab.history.records import Event, Record


class State(Enum):
    """What a check found, in the order in which one hides the next."""

    UNREADABLE = "unreadable"
    EDITED = "edited"
    OTHER_KEY = "signed with another key"
    UNSIGNED = "not signed, and a key was given"
    CUT = "cut in the middle of a line"
    NO_END = "without its end"
    INTACT = "intact"


class Signed(Enum):
    """What is known of the signatures."""

    NO = "not signed"
    UNCHECKED = "signed; no key was given to check it with"
    BY_THIS_KEY = "signed by this key"
    BY_ANOTHER = "signed by another key"


EXIT_CODES = {State.INTACT: 0, State.EDITED: 1, State.OTHER_KEY: 1, State.UNSIGNED: 1}
UNKNOWN = 3
"""Of all others: that a crash did it and that somebody did look the same."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check of one journal came to. *records* are those that are sound, *head* the last one's hash."""

    state: State
    signed: Signed
    records: int
    run_id: str = ""
    head: str = ""
    torn_bytes: int = 0
    flaw: Flaw | None = None
    trouble: str = ""

    @property
    def exit_code(self) -> int:
        """0 intact, 1 not as it was written, 3 not known."""
        return EXIT_CODES.get(self.state, UNKNOWN)

    def said(self) -> str:
        """The verdict in one sentence."""
        match self.state:
            case State.INTACT:
                return f"intact, {self.signed.value} ({self.records} records)"
            case State.EDITED:
                return f"edited at record {self.flaw.line if self.flaw else 0}"
            case State.CUT:
                return f"cut in the middle of a line after record {self.records}"
            case State.NO_END:
                return (
                    f"without its end: it stops after record {self.records}; up to there {self.signed.value}"
                )
            case State.UNREADABLE:
                return f"unreadable: {self.trouble}"
            case State.OTHER_KEY | State.UNSIGNED:
                return str(self.state.value)


def verify(path: Path, key: bytes | None = None, *, run_id: str = "") -> Verdict:
    """Check the journal at *path*: its chain, its signatures, its end and, if one is given, its *run_id*."""
    try:
        found = scan(path)
    except OSError as error:
        return Verdict(state=State.UNREADABLE, signed=Signed.NO, records=0, trouble=str(error))
    signed = _signed(found, key)
    flaw = (
        found.flaw or _other_run(found.records, run_id) or _inconsistent(found, key, signed) or _behind(found)
    )
    return Verdict(
        state=_state(found, flaw, signed, key),
        signed=signed,
        records=len(found.records),
        run_id=_run_id(found.records),
        head=found.head,
        torn_bytes=found.torn_bytes,
        flaw=flaw,
        trouble="" if found.records or found.torn_bytes else "it holds no record",
    )


def _state(found: Scan, flaw: Flaw | None, signed: Signed, key: bytes | None) -> State:
    ends = _end(found.records) is not None
    reached = (
        (not found.records and not found.torn_bytes and flaw is None, State.UNREADABLE),
        (flaw is not None, State.EDITED),
        (signed is Signed.BY_ANOTHER, State.OTHER_KEY),
        (signed is Signed.NO and key is not None and bool(found.records), State.UNSIGNED),
        (found.torn_bytes > 0, State.CUT),
        (not ends, State.NO_END),
    )
    return next((state for so, state in reached if so), State.INTACT)


def _signed(found: Scan, key: bytes | None) -> Signed:
    """By the first line: the others must be like it."""
    digest, sig = found.marks[0] if found.marks else ("", "")
    if not sig:
        return Signed.NO
    if key is None:
        return Signed.UNCHECKED
    return Signed.BY_THIS_KEY if signed_by(key, digest, sig) else Signed.BY_ANOTHER


def _inconsistent(found: Scan, key: bytes | None, signed: Signed) -> Flaw | None:
    """A line that is not signed as the first one is."""
    return signing_flaw(found, key if signed is Signed.BY_THIS_KEY else None)


def _other_run(records: tuple[Record, ...], run_id: str) -> Flaw | None:
    """A journal that was put into another run's place."""
    own = _run_id(records)
    if not run_id or not own or own == run_id:
        return None
    return Flaw(line=1, expected=f"the journal of run {run_id}", found=f"that of run {own}")


def _behind(found: Scan) -> Flaw | None:
    """What follows the run's end, after which nothing is ever written."""
    end = _end(found.records)
    if end is None or (end == len(found.records) and not found.torn_bytes):
        return None
    more = len(found.records) - end
    return Flaw(
        line=end + 1,
        expected="nothing behind the run's end",
        found=f"{more} more records" if more else f"{found.torn_bytes} bytes",
    )


def _end(records: tuple[Record, ...]) -> int | None:
    """Which record, counted from 1, is the run's end."""
    ends = (n for n, r in enumerate(records, start=1) if isinstance(r, Event) and r.kind == "ended")
    return next(ends, None)


def _run_id(records: tuple[Record, ...]) -> str:
    begun = (r for r in records if isinstance(r, Event) and r.kind == "run_started")
    return next((str(event.detail.get("run_id", "")) for event in begun), "")
