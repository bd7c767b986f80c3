"""Follows PostgreSQL's log in a thread and hands out what the trainee did."""

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from lab.referee.errors import EngineTrouble
from lab.referee.samplers.postgres_log import Assembler, Statement, statement

RETRY_S = 1.0
REMEMBERED = 200


class Log(Protocol):
    """Where a service's log can be followed."""

    def follow(self, name: str, *, since_t: float) -> Iterator[bytes]: ...


class DatabaseLog:
    """Statements of the trainee after *since_t*. *toolbox* is the address that their sessions come from."""

    def __init__(self, log: Log, *, since_t: float, service: str = "postgres") -> None:
        self._log = log
        self._since_t = since_t
        self._service = service
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._assembler = Assembler()
        self._lately: deque[str] = deque(maxlen=REMEMBERED)
        self.toolbox = ""

    def statements(self) -> tuple[Statement, ...]:
        """What came since the last call."""
        fresh = [entry for entry in self._assembler.feed(self._waiting()) if self._is_new(entry)]
        found = (statement(entry, toolbox=self.toolbox) for entry in fresh)
        return tuple(s for s in found if s is not None and s.t > self._since_t)

    def _is_new(self, entry: str) -> bool:
        """Whether it was not read before: after a reconnect the last entries come once more."""
        if entry in self._lately:
            return False
        self._lately.append(entry)
        return True

    def run(self, stop: threading.Event) -> None:
        """Follow until *stop*; the server may restart under it."""
        since_t = self._since_t
        while not stop.is_set():
            try:
                for line in _lines(self._log.follow(self._service, since_t=since_t)):
                    self._lines.put(line)
            except EngineTrouble:
                pass
            since_t = max(since_t, self._assembler.last_t)
            stop.wait(RETRY_S)

    def _waiting(self) -> list[str]:
        lines = []
        while not self._lines.empty():
            lines.append(self._lines.get_nowait())
        return lines


class DatabaseLogs:
    """Several servers' logs as one: the primary's, and the replica's where there is one."""

    def __init__(self, logs: Sequence[DatabaseLog]) -> None:
        self._logs = tuple(logs)

    @property
    def toolbox(self) -> str:
        """The address that the trainee's sessions come from."""
        return self._logs[0].toolbox

    @toolbox.setter
    def toolbox(self, address: str) -> None:
        for log in self._logs:
            log.toolbox = address

    def statements(self) -> tuple[Statement, ...]:
        """What came since the last call, on all servers, in the order of time."""
        return tuple(sorted((s for log in self._logs for s in log.statements()), key=lambda s: s.t))

    def run(self, stop: threading.Event) -> None:
        """Follow all until *stop*."""
        threads = [threading.Thread(target=log.run, args=(stop,)) for log in self._logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Cut pieces into lines."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")
    if rest:
        yield rest.decode(errors="replace")
