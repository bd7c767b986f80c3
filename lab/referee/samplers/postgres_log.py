"""PostgreSQL's log, read for what the trainee's sessions did: by role or by the toolbox's address."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.referee.samplers.redacted import redacted

TRAINEE_ROLE = "dba"
MAX_TEXT = 2000

_PREFIX = re.compile(
    r"(?P<t>[\d-]{10} [\d:.]{12}) UTC \[(?P<pid>\d+)\] host=(?P<host>\S*) user=(?P<role>.*?) db=\S* "
    r"(?P<level>[A-Z]+):\s+(?P<said>.*)",
    re.DOTALL,
)
_STATEMENT = re.compile(r"(?:statement|execute [^:]*): (?P<sql>.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Something that the trainee did in the database, at unix time *t*."""

    t: float
    text: str
    role: str

    def detail(self) -> Mapping[str, str]:
        """As an event's detail."""
        return {"text": self.text, "role": self.role, "who": "trainee"}


class Assembler:
    """Joins the lines of a log entry: the server indents those that continue one with a tab."""

    def __init__(self) -> None:
        self._entry = ""
        self.last_t = 0.0

    def feed(self, lines: Iterable[str]) -> list[str]:
        """Entries that are whole: another one has begun, or nothing came since the last call."""
        done: list[str] = []
        came = False
        for line in lines:
            came = True
            if line.startswith("\t"):
                self._entry = f"{self._entry}\n{line[1:]}"
                continue
            self._finish(done)
            self._entry = line
        if not came:
            self._finish(done)
        return done

    def _finish(self, done: list[str]) -> None:
        if self._entry:
            done.append(self._entry)
            self.last_t = max(self.last_t, time_of(self._entry))
        self._entry = ""


def time_of(entry: str) -> float:
    """When an entry was written; 0 where it does not say."""
    try:
        return datetime.strptime(entry[:23], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def statement(entry: str, *, toolbox: str) -> Statement | None:
    """The trainee's statement in a log entry; None where there is none."""
    # Most entries are the application's: looked at no closer than this.
    if f"user={TRAINEE_ROLE} " not in entry and (not toolbox or f"host={toolbox}" not in entry):
        return None
    match = _PREFIX.match(entry)
    if match is None or (match["role"] != TRAINEE_ROLE and match["host"].partition("(")[0] != toolbox):
        return None
    said = _STATEMENT.search(match["said"])
    if said is not None:
        return Statement(t=time_of(entry), text=redacted(said["sql"].strip())[:MAX_TEXT], role=match["role"])
    if match["said"].startswith("connection authorized") and match["role"] != TRAINEE_ROLE:
        # The application's role does not log its statements; that the trainee used it is worth a line.
        return Statement(t=time_of(entry), text="(connected)", role=match["role"])
    return None
