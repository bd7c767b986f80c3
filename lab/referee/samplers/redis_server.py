"""A Redis server as the referee asks it: by its own user, in the server's own protocol."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, TypeAlias

# Nothing comes from an idle server, nor from one that is gone: a new connection tells the two apart.
SILENCE_S = 30.0
ANSWER_WITHIN_S = 2.0

Ask: TypeAlias = Callable[..., Any]
"""Sends a command, word by word, and gives its answer: a text, or a list of answers."""


@dataclass(frozen=True, kw_only=True)
class RedisServer:
    """Where Redis is, and the user that may MONITOR there and read settings.

    Connecting takes its time-out and that of a look-up of the host's name, which nothing here bounds: a
    container that is down has no name, and the host's own resolver is asked. Call it in a thread of its own.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def monitor(self) -> Iterator[bytes]:
        """Its word that it listens, then each command it takes, a line each; OSError if it breaks off."""
        with self._signed_in(SILENCE_S) as (connection, lines):
            connection.sendall(_command("MONITOR"))
            yield f"+{_answer(lines)}".encode()
            yield from lines

    @contextmanager
    def session(self) -> Iterator[Ask]:
        """A way to ask it; OSError where it does not answer, not in time, or with an error."""
        with self._signed_in(ANSWER_WITHIN_S) as (connection, lines):

            def ask(*words: str) -> Any:
                connection.sendall(_command(*words))
                return _answer(lines)

            yield ask

    @contextmanager
    def _signed_in(self, timeout_s: float) -> Iterator[tuple[socket.socket, IO[bytes]]]:
        with (
            socket.create_connection((self.host, self.port), timeout=timeout_s) as connection,
            connection.makefile("rb") as lines,
        ):
            connection.sendall(_command("AUTH", self.user, self.password))
            _answer(lines)
            yield connection, lines


def _command(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"".join((b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)))


def _answer(lines: IO[bytes]) -> Any:
    """One answer of the protocol's second version; ConnectionError where it is an error, or breaks off."""
    head = lines.readline()
    kind, said = head[:1], head[1:].decode(errors="replace").rstrip("\r\n")
    if not head.endswith(b"\n") or kind == b"-":
        raise ConnectionError(f"Redis: {said or 'no answer'}")
    match kind:
        case b"*":
            return [_answer(lines) for _ in range(int(said))]
        case b"$":
            size = max(int(said), 0)  # -1 is nothing, without a line of its own
            body = lines.read(size + 2) if said != "-1" else b"\r\n"
            if len(body) < size + 2:
                raise ConnectionError("Redis: the answer broke off")
            return body[:-2].decode(errors="replace")
        case _:
            return said
