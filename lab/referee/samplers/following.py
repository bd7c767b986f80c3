"""Follows a database's log in a thread and hands out what the trainee did."""

import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from lab.referee.errors import EngineTrouble
from lab.referee.samplers.mysql_log import PATH, Reader
from lab.referee.samplers.postgres_log import Assembler, Statement, statement

RETRY_S = 1.0
REMEMBERED = 200


class Log(Protocol):
    """Where a service's log can be followed."""

    def follow(self, name: str, *, since_t: float) -> Iterator[bytes]: ...


class File(Protocol):
    """Where a file in a service's container can be followed."""

    def follow_file(self, name: str, path: str, *, user: str) -> Iterator[bytes]: ...


class Following(Protocol):
    """One server's log that is followed."""

    toolbox: str

    def statements(self) -> Sequence[Statement]: ...
    def run(self, stop: threading.Event) -> None: ...


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
        return _drained(self._lines)


class MysqlLog:
    """Statements of the trainee in one MySQL server after *since_t*; *toolbox* as above.

    Its general log is a file, for what goes to the container's own log is read by the trainee.
    """

    def __init__(self, file: File, *, since_t: float, service: str) -> None:
        self._file = file
        self._service = service
        self._since_t = since_t
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = Reader()

    @property
    def toolbox(self) -> str:
        """The address that the trainee's sessions come from."""
        return self._reader.toolbox

    @toolbox.setter
    def toolbox(self, address: str) -> None:
        self._reader.toolbox = address

    def statements(self) -> tuple[Statement, ...]:
        """What came since the last call."""
        lines = _drained(self._lines)
        found = [self._read(line) for line in lines] if lines else [self._reader.rest()]
        return tuple(s for s in found if s is not None and s.t > self._since_t)

    def _read(self, line: str | None) -> Statement | None:
        if line is None:  # the file is opened
            self._reader.begin()
            return None
        return self._reader.read(line)

    def run(self, stop: threading.Event) -> None:
        """Follow until *stop*; the server may restart under it."""
        while not stop.is_set():
            self._lines.put(None)
            try:
                for line in _lines(self._file.follow_file(self._service, PATH, user="mysql")):
                    self._lines.put(line)
            except EngineTrouble:
                pass
            stop.wait(RETRY_S)


class DatabaseLogs:
    """Several servers' logs as one: the primary's, and the replica's where there is one."""

    def __init__(self, logs: Sequence[Following]) -> None:
        self._logs = tuple(logs)
        self._toolbox = ""

    @property
    def toolbox(self) -> str:
        """The address that the trainee's sessions come from."""
        return self._toolbox

    @toolbox.setter
    def toolbox(self, address: str) -> None:
        self._toolbox = address
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


T = TypeVar("T")


def _drained(waiting: "queue.SimpleQueue[T]") -> list[T]:
    found = []
    while not waiting.empty():
        found.append(waiting.get_nowait())
    return found
