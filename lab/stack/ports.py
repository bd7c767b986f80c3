"""Pick the ports that a lab publishes on 127.0.0.1."""

import contextlib
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from lab.errors import PortTaken

HOST = "127.0.0.1"
PREFERRED: Mapping[str, int] = {"shop": 8080, "prometheus": 9090}
TRIES = 200


def is_free(port: int) -> bool:
    """Whether nobody listens on that port of 127.0.0.1 or of all addresses."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that the system picks."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The ports by name, and one line for each that is not the usual one."""

    ports: Mapping[str, int]
    notes: tuple[str, ...] = ()


def choose(
    wanted: Mapping[str, int | None], *, reserved: Collection[int] = (), free: Callable[[int], bool] = is_free
) -> Chosen:
    """Pick a port for the shop, Prometheus and the referee.

    A port *wanted* by number is that one or PortTaken; a usual one that is taken gives way to the next.
    *reserved* belong to other labs that may not listen yet.
    """
    ports: dict[str, int] = {}
    notes: list[str] = []
    for name, preferred in PREFERRED.items():
        taken = {*reserved, *ports.values()}
        explicit = wanted.get(name)
        if explicit is not None:
            ports[name] = _exactly(name, explicit, taken, free)
            continue
        ports[name] = _next(preferred, taken, free)
        if ports[name] != preferred:
            notes.append(f"port {preferred} is taken: {name} is at {ports[name]}")
    ports["referee"] = any_free()
    return Chosen(ports=ports, notes=tuple(notes))


def _exactly(name: str, port: int, taken: Collection[int], free: Callable[[int], bool]) -> int:
    if port in taken or not free(port):
        raise PortTaken(
            f"port {port} for {name} is taken by another program or lab",
            hint=f"lab start … --{name}-port N with another number, or without it for the next free one",
        )
    return port


def _next(preferred: int, taken: Collection[int], free: Callable[[int], bool]) -> int:
    for port in range(preferred, preferred + TRIES):
        if port not in taken and free(port):
            return port
    raise PortTaken(f"no free port between {preferred} and {preferred + TRIES - 1}")
