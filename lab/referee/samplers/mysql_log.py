"""MySQL's general log, read for what the trainee's sessions did: by role or by the toolbox's address.

It has a line when a session begins, with its user and host, and one for each statement, with the session's
number. What faults do there as the DBA begins with `QUIET`, after which the server logs nothing more of that
session.
"""

import re
from datetime import datetime

from faults.mysql.server import QUIET
from lab.referee.samplers.postgres_log import MAX_TEXT, TRAINEE_ROLE, Statement
from lab.referee.samplers.redacted import redacted

PATH = "/run/mysqld/general.log"

_ENTRY = re.compile(
    r"(?P<t>\d{4}-\d\d-\d\dT[\d:.]+)Z\t *(?P<session>\d+) (?P<command>[A-Z][A-Za-z ]*)\t(?P<said>.*)",
    re.DOTALL,
)
_BEGINS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\t *\d+ [A-Z]")
_WHO = re.compile(r"(?P<user>.*)@(?P<host>\S*) on ")
_STATEMENTS = frozenset({"Query", "Execute"})
# What clients ask by themselves when they connect.
_CHATTER = re.compile(r"select (@@version_comment limit 1|database\(\))", re.IGNORECASE)


class Reader:
    """Turns lines into statements; remembers whose session is whose. *toolbox* is the trainee's address."""

    def __init__(self) -> None:
        self.toolbox = ""
        self._theirs: dict[int, str] = {}
        self._entry = ""
        self._last_t = 0.0
        self._known_t = 0.0

    def begin(self) -> None:
        """The log is read from its beginning (again): what was told of already is not told of again."""
        self._known_t, self._entry = self._last_t, ""
        self._theirs.clear()

    def read(self, line: str) -> Statement | None:
        """The trainee's statement that this line shows to be whole, for another entry begins with it."""
        if _BEGINS.match(line):
            done, self._entry = self._entry, line
            return self._statement(done)
        # What stands before the first entry is the server's greeting.
        self._entry = f"{self._entry}\n{line}" if self._entry else ""
        return None

    def rest(self) -> Statement | None:
        """The one that was read last, where nothing comes after it."""
        done, self._entry = self._entry, ""
        return self._statement(done)

    def _statement(self, entry: str) -> Statement | None:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            return None
        t, session = datetime.fromisoformat(f"{match['t']}+00:00").timestamp(), int(match["session"])
        self._last_t = max(self._last_t, t)
        if match["command"] == "Connect":
            self._connected(session, match["said"])
        elif match["command"] == "Quit":
            self._theirs.pop(session, None)
        elif match["command"] in _STATEMENTS and session in self._theirs and t > self._known_t:
            text = match["said"].strip()
            if text != QUIET and not _CHATTER.fullmatch(text):
                return Statement(t=t, text=redacted(text)[:MAX_TEXT], role=self._theirs[session])
        return None

    def _connected(self, session: int, said: str) -> None:
        self._theirs.pop(session, None)
        who = _WHO.match(said)
        if who and (who["user"] == TRAINEE_ROLE or (self.toolbox and who["host"] == self.toolbox)):
            self._theirs[session] = who["user"]
