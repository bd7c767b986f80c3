"""Holds the packets of one kernel queue back for a while, and lets them go in the order in which they came.

python3 late.py QUEUE DELAY_MS JITTER_MS, inside the network whose rules send packets to that queue (NFQUEUE).
Packets pass at once where this program ends: the rules say so (--queue-bypass). Needs NET_ADMIN.

Runs alone in its image: imports nothing of ours.
"""

import contextlib
import os
import random
import select
import signal
import socket
import struct
import sys
import time
from collections import deque

NETLINK_NETFILTER = 12
QUEUE_SUBSYSTEM = 3 << 8
PACKET, CONFIG, VERDICT_BATCH = QUEUE_SUBSYSTEM, QUEUE_SUBSYSTEM | 2, QUEUE_SUBSYSTEM | 3
REQUEST, ACK = 1, 4
ERROR = 2
CFG_COMMAND, CFG_PARAMS, CFG_MAX_LENGTH, CFG_MASK, CFG_FLAGS = 1, 2, 3, 4, 5
BIND, COPY_META = 1, 1
FAIL_OPEN_AND_WHOLE = 1 | 4
"""A full queue lets packets pass; large ones are not cut into pieces for us."""
PACKET_HEADER, VERDICT_HEADER = 1, 2
ACCEPT = 1
RECEIVE_BUFFER_BYTES = 8 << 20
SO_RCVBUFFORCE = 33
MOST_PACKETS = 100_000
HEADER = struct.Struct("=IHHII")
GENERIC = struct.Struct("!BBH")
ATTRIBUTE = struct.Struct("=HH")


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute of a netlink message, padded."""
    length = ATTRIBUTE.size + len(value)
    return ATTRIBUTE.pack(length, kind) + value + bytes(-length % 4)


def message(kind: int, queue: int, *attributes: bytes, flags: int = REQUEST) -> bytes:
    """One netlink message about a queue."""
    body = GENERIC.pack(socket.AF_UNSPEC, 0, queue) + b"".join(attributes)
    return HEADER.pack(HEADER.size + len(body), kind, flags, 0, 0) + body


def packet_id(body: bytes) -> int:
    """The number of a packet that the kernel tells of."""
    at = GENERIC.size
    while at + ATTRIBUTE.size <= len(body):
        length, kind = ATTRIBUTE.unpack_from(body, at)
        if kind == PACKET_HEADER:
            return int(struct.unpack_from("!I", body, at + ATTRIBUTE.size)[0])
        at += max(length + (-length % 4), ATTRIBUTE.size)
    raise ValueError("a packet without its number")


def messages(data: bytes) -> list[tuple[int, bytes]]:
    """The kind and body of each message of a datagram."""
    found, at = [], 0
    while at + HEADER.size <= len(data):
        length, kind, *_ = HEADER.unpack_from(data, at)
        found.append((kind, data[at + HEADER.size : at + length]))
        at += max(length + (-length % 4), HEADER.size)
    return found


class Queue:
    """One queue of the kernel, and what waits in it."""

    def __init__(self, number: int, *, delay_s: float, jitter_s: float) -> None:
        self.number = number
        self.delay_s, self.jitter_s = delay_s, jitter_s
        self.waiting: deque[tuple[float, int]] = deque()
        self.latest = 0.0
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        self.socket.bind((0, 0))
        self._configure(attribute(CFG_COMMAND, struct.pack("!BBH", BIND, 0, 0)))
        self._configure(attribute(CFG_PARAMS, struct.pack("!IB", 0, COPY_META)))
        self._configure(attribute(CFG_MAX_LENGTH, struct.pack("!I", MOST_PACKETS)))
        flags = struct.pack("!I", FAIL_OPEN_AND_WHOLE)
        self._configure(attribute(CFG_FLAGS, flags) + attribute(CFG_MASK, flags))
        self.socket.setblocking(False)

    def _configure(self, attributes: bytes) -> None:
        self.socket.send(message(CONFIG, self.number, attributes, flags=REQUEST | ACK))
        while True:
            for kind, body in messages(self.socket.recv(65536)):
                if kind == PACKET:
                    self._take(body)
                elif kind == ERROR:
                    code = -struct.unpack_from("=i", body)[0]
                    if code:
                        raise OSError(code, f"queue {self.number}: {os.strerror(code)}")
                    return

    def _take(self, body: bytes) -> None:
        spread_s = random.uniform(-self.jitter_s, self.jitter_s)  # noqa: S311
        self.latest = max(self.latest, time.monotonic() + max(0.0, self.delay_s + spread_s))
        self.waiting.append((self.latest, packet_id(body)))

    def receive(self) -> None:
        """Take note of all packets that have come."""
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                continue  # the kernel had more to tell than there was room for; those packets have passed
            for kind, body in messages(data):
                if kind == PACKET:
                    self._take(body)

    def release(self, until: float) -> None:
        """Let go all whose time has come."""
        last = None
        while self.waiting and self.waiting[0][0] <= until:
            last = self.waiting.popleft()[1]
        if last is not None:
            verdict = attribute(VERDICT_HEADER, struct.pack("!II", ACCEPT, last))
            self.socket.send(message(VERDICT_BATCH, self.number, verdict))

    def serve(self) -> None:
        """For ever."""
        while True:
            wait_s = max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else None
            select.select([self.socket], [], [], wait_s)
            self.receive()
            self.release(time.monotonic())


def end(*_: object) -> None:
    """Be told to end."""
    raise SystemExit


def main() -> None:
    """Until told to end; what still waits then passes."""
    number, delay_ms, jitter_ms = sys.argv[1:]
    signal.signal(signal.SIGTERM, end)
    queue = Queue(int(number), delay_s=float(delay_ms) / 1000, jitter_s=float(jitter_ms) / 1000)
    try:
        queue.serve()
    finally:
        queue.release(float("inf"))


if __name__ == "__main__":
    main()
