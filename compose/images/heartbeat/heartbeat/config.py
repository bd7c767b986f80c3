"""Which nodes there are, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}
ROLES = ("source", "replica")


class BadConfig(Exception):
    """The environment does not say what is needed."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One server: what it is, what it is called, and where it answers."""

    engine: str
    role: str
    name: str
    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Config:
    """All that the service is told."""

    nodes: tuple[Node, ...]
    password: str = field(repr=False)
    metrics_port: int
    interval_s: float


def read_config(environ: Mapping[str, str]) -> Config:
    """The configuration in *environ*.

    HEARTBEAT_NODES lists nodes as `name=engine+role://host:port`, spaces between; a port may be left out.
    """
    password = environ.get("HEARTBEAT_PASSWORD", "")
    nodes = tuple(_node(word) for word in environ.get("HEARTBEAT_NODES", "").split())
    if not password or not nodes:
        raise BadConfig(
            "HEARTBEAT_PASSWORD and HEARTBEAT_NODES are needed; a node is name=engine+role://host"
        )
    return Config(
        nodes=nodes,
        password=password,
        metrics_port=int(environ.get("METRICS_PORT", "9188")),
        interval_s=float(environ.get("INTERVAL_S", "0.5")),
    )


def _node(word: str) -> Node:
    name, _, address = word.partition("=")
    parts = urlsplit(address)
    engine, _, role = parts.scheme.partition("+")
    if not name or engine not in PORTS or role not in ROLES or not parts.hostname:
        raise BadConfig(
            f"{word!r} is no node: name=engine+role://host:port, engine one of {', '.join(PORTS)}"
        )
    return Node(engine=engine, role=role, name=name, host=parts.hostname, port=parts.port or PORTS[engine])
