"""Looks at the settings of Redis once a second, in a thread, and hands out what the trainee changed.

A monitor is not shown commands of administration, so what they did is read off the server itself.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from lab.referee.samplers.redis_looks import Found, Injects, Look, compared, look_of
from lab.referee.samplers.redis_server import Ask, RedisServer

EVERY_S = 1.0
RETRY_S = 0.5


class ServerSettings:
    """One server, called *name* in the lab; *injects* are the timeline's faults of it, as they stand."""

    def __init__(
        self, server: RedisServer, *, name: str, injects: Callable[[], Injects], now: Callable[[], float]
    ) -> None:
        self._server = server
        self._name = name
        self._injects = injects
        self._now = now
        self._found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self._last: Look | None = None
        self.looked = threading.Event()

    def changes(self) -> Sequence[Found]:
        """What was found since the last call."""
        found = []
        while not self._found.empty():
            found.append(self._found.get_nowait())
        return found

    def run(self, stop: threading.Event) -> None:
        """Look until *stop*, over one connection: a server that is full takes no second one."""
        while not stop.is_set():
            with suppress(OSError), self._server.session() as ask:
                while not stop.is_set():
                    self._compare(self._look(ask))
                    stop.wait(EVERY_S)
            stop.wait(RETRY_S)

    def _look(self, ask: Ask) -> Look:
        # In this order: what is begun later than it is asked for was begun later than the look.
        done, t = self._injects().done, self._now()
        info, settings, stats = ask("INFO", "server"), ask("CONFIG", "GET", "*"), ask("INFO", "commandstats")
        injects = Injects(begun=self._injects().begun, done=done)
        return look_of(t, info, settings, stats, injects)

    def _compare(self, look: Look) -> None:
        if self._last is not None:
            for found in compared(self._name, self._last, look):
                self._found.put(found)
        self._last = look
        self.looked.set()


class RedisSettings:
    """All servers of a lab."""

    def __init__(self, servers: Sequence[ServerSettings]) -> None:
        self._servers = tuple(servers)

    def changes(self) -> Sequence[Found]:
        """What was found since the last call, on all servers, in the order of time."""
        return sorted((found for one in self._servers for found in one.changes()), key=lambda found: found.t)

    def run(self, stop: threading.Event) -> None:
        """Look at all until *stop*."""
        threads = [threading.Thread(target=one.run, args=(stop,)) for one in self._servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
