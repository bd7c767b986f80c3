"""Connections to the target, kept alive for a moment and never trusted.

A balancer closes connections that idle; to count that as an outage would be our fault, not the shop's. So a
connection is used again only within a second of its last answer (servers wait longer), newest first, and
only if it is not readable: a close that has arrived shows as that.
"""

import contextlib
import time
from collections import deque
from typing import Any

from gevent import select
from gevent.socket import create_connection

IDLE_S = 1.0


class Connections:
    """A pool of open connections to one address."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._idle: deque[tuple[float, Any]] = deque()

    def take(self) -> tuple[Any, bool]:
        """A connected socket, and whether it was used before."""
        self._drop_old()
        while self._idle:
            _, sock = self._idle.pop()
            if _quiet(sock):
                return sock, True
            sock.close()
        return self.open(), False

    def open(self) -> Any:
        """A new connection; the caller's time-out bounds it."""
        return create_connection(self._address)

    def give_back(self, sock: Any) -> None:
        """Keep a connection whose answer was read to its end."""
        self._idle.append((time.monotonic(), sock))

    def _drop_old(self) -> None:
        oldest = time.monotonic() - IDLE_S
        while self._idle and self._idle[0][0] < oldest:
            self._idle.popleft()[1].close()


def _quiet(sock: Any) -> bool:
    with contextlib.suppress(OSError, ValueError):  # ValueError: more descriptors than select can name
        readable, _, _ = select.select([sock], [], [], 0)
        return not readable
    return False
