"""What a client of a server meets, told as JSON: python3 probe.py DOING HOST PORT N USER PASSWORD.

pings N    the median of N round trips in one session, and how often its kernel had to send again
attempts N the errors of N sessions of one round trip each: the class, or the number where that says more
fetch N    how long an answer of N bytes takes
resolve    how long it takes to learn the address
"""

import errno
import json
import socket
import statistics
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 20.0
TCP_INFO_TOTAL_RETRANSMITTED_AT = 100


def session(host: str, port: int, patience_s: float = PATIENCE_S) -> socket.socket:
    one = socket.create_connection((host, port), timeout=patience_s)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def ping(one: socket.socket) -> None:
    """A server that wants a password answers too: it says so."""
    one.sendall(b"PING\r\n")
    if not one.recv(200):
        raise ConnectionError("the server closed the session")


def pings(host: str, port: int, count: int) -> dict[str, Any]:
    took_ms = []
    with session(host, port) as one:
        for _ in range(count):
            began = time.monotonic()
            ping(one)
            took_ms.append((time.monotonic() - began) * 1000)
        told = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    again = struct.unpack_from("=I", told, TCP_INFO_TOTAL_RETRANSMITTED_AT)[0]
    return {"median_ms": statistics.median(took_ms), "sent_again": again}


def attempts(host: str, port: int, count: int) -> dict[str, Any]:
    errors = []
    for _ in range(count):
        try:
            with session(host, port, 5.0) as one:
                ping(one)
        except OSError as error:
            known = type(error) is not OSError
            errors.append(type(error).__name__ if known else errno.errorcode.get(error.errno or 0, "OSError"))
    return {"errors": errors, "of": count}


def fetch(host: str, port: int, size: int) -> dict[str, Any]:
    """The server sends back what an ECHO gave it; a session that has not signed in gets an error as long."""
    import redis

    user, password = sys.argv[5:]
    with redis.Redis(host=host, port=port, username=user, password=password) as client:
        client.set("page:big", "x" * size)
        began = time.monotonic()
        got = len(client.get("page:big"))
        return {"took_s": time.monotonic() - began, "got": got}


def resolve(host: str, port: int, _: int) -> dict[str, Any]:
    began = time.monotonic()
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return {"took_s": time.monotonic() - began, "address": found[0][4][0]}


DOINGS: dict[str, Callable[[str, int, int], dict[str, Any]]] = {
    "pings": pings,
    "attempts": attempts,
    "fetch": fetch,
    "resolve": resolve,
}

if __name__ == "__main__":
    doing, host, port, count = sys.argv[1:5]
    json.dump(DOINGS[doing](host, int(port), int(count)), sys.stdout)
