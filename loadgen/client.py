"""One request, one answer, one deadline.

Locust's FastHttpUser would not do: when the connection closes under it, its client sends an idempotent
request again, as often as its pool is large, and it bounds each socket operation instead of the request.
Outages would be hidden by the one and stretched by the other. So this sends by itself, and leaves parsing to
the same parser.
"""

import json
from typing import Any
from urllib.parse import urlsplit

import gevent
from geventhttpclient.response import HTTPParseError, HTTPResponse

from loadgen.answers import Answer, Body
from loadgen.connections import Connections
from loadgen.errors import Unanswered
from loadgen.words import CONN, TIMEOUT

_BLOCK_BYTES = 65536


class HttpClient:
    """Talks HTTP/1.1 to one address; never retries."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        address = urlsplit(url)
        self._connections = Connections(address.hostname or "localhost", address.port or 80)
        self._head = f"Host: {address.netloc}\r\nUser-Agent: loadgen\r\nAccept: application/json\r\n"
        self._timeout_s = timeout_s

    def call(self, method: str, path: str, *, token: str = "", body: Body | None = None) -> Answer:
        """Send and wait, connecting included, until the answer is there or the time is out."""
        request = self._request(method, path, token, body)
        deadline = gevent.Timeout.start_new(self._timeout_s)
        try:
            return self._exchange(method, request)
        except gevent.Timeout as fired:
            if fired is not deadline:
                raise
            raise Unanswered(TIMEOUT, f"{method} {path} after {self._timeout_s:g} s") from None
        except (OSError, HTTPParseError) as error:
            raise Unanswered(CONN, f"{method} {path}: {error}") from error
        finally:
            deadline.close()

    def _request(self, method: str, path: str, token: str, body: Body | None) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\n{self._head}"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        if body is None:
            return f"{head}\r\n".encode()
        content = json.dumps(body)  # ASCII: as many bytes as characters
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        return f"{head}\r\n{content}".encode()

    def _exchange(self, method: str, request: bytes) -> Answer:
        sock = self._send(request)
        try:
            response = _read(sock, method)
        except BaseException:  # the deadline among them: a half-read connection is of no use
            sock.close()
            raise
        if response.should_close():
            sock.close()
        else:
            self._connections.give_back(sock)
        return Answer(status=response.status_code, content=response.content())

    def _send(self, request: bytes) -> Any:
        sock, used = self._connections.take()
        try:
            return _sent(sock, request)
        except OSError:
            if not used:
                raise
        # The kernel refused the first byte of a kept connection: nothing was sent, so this is no retry.
        return _sent(self._connections.open(), request)


class _Response(HTTPResponse):  # type: ignore[misc]
    """Locust's own parser, with its body."""

    def content(self) -> bytes:
        return bytes(self._body_buffer)


def _sent(sock: Any, request: bytes) -> Any:
    try:
        sock.sendall(request)
    except BaseException:
        sock.close()
        raise
    return sock


def _read(sock: Any, method: str) -> _Response:
    response = _Response(method)
    while not response.message_complete or response.status_code < 200:
        block = sock.recv(_BLOCK_BYTES)
        response.feed(block)  # an empty block ends a body that ends with the connection
        if not block and not response.message_complete:
            raise ConnectionResetError("closed before the answer was complete")
    return response
