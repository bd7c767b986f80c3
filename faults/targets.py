"""From a container's name to what a fault is done to: the server in it, or the container itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import APIError

from faults.container import Container
from faults.core import Kind
from faults.engine import asked
from faults.errors import NoTarget
from faults.mysql.server import MysqlServer
from faults.postgres.server import PostgresServer
from faults.redis.server import RedisServer

PROGRAMS = {"postgres": Kind.POSTGRES, "mysqld": Kind.MYSQL, "redis-server": Kind.REDIS}
DEFAULT_NETWORK = "bridge"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How to reach a victim: its container, passwords by role, the database of the application."""

    container: str
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    database: str = "shop"


def target(engine: docker.DockerClient, kind: Kind, way: Way) -> Any:
    """What a fault of *kind* is done to; TargetGone where there is no such container."""
    require_container(kind)
    container = Container(engine, way.container)
    if kind is Kind.CONTAINER:
        return container
    host = _host(container)
    if kind is Kind.REDIS:
        return RedisServer(container, passwords=way.passwords, host=host)
    server = PostgresServer if kind is Kind.POSTGRES else MysqlServer
    return server(container, passwords=way.passwords, host=host, database=way.database)


def require_container(kind: Kind) -> None:
    """Raise NoTarget where what such faults are done to is not in one container."""
    if kind is Kind.DEPLOYMENT:
        raise NoTarget(f"a {kind.value} is no container", hint="a scenario's timeline does such a fault")


def require(engine: docker.DockerClient, kind: Kind, name: str) -> None:
    """Raise NoTarget unless the container is there, runs, and is of the engine that a fault is for."""
    container = Container(engine, name)
    if not container.running:
        raise NoTarget(f"{container.name} does not run", hint=f"docker start {container.name}")
    if kind in PROGRAMS.values() and (runs := engine_of(container)) is not kind:
        raise NoTarget(
            f"{container.name} runs {runs.value if runs else 'no database server'},"
            f" and the fault is one of {kind.value}"
        )


def engine_of(container: Container) -> Kind | None:
    """Which database server runs in it, by its processes; None where none does."""
    with asked(f"list the processes of {container.name}"):
        try:
            listing = container.engine.api.top(container.id)
        except APIError:
            return None
    programs = (row[-1].split()[0].rpartition("/")[2].rstrip(":") for row in listing["Processes"])
    return next((PROGRAMS[program] for program in programs if program in PROGRAMS), None)


def _host(container: Container) -> str:
    """By what name or address an actor on its network finds it; empty where it is on none."""
    for network, at in container.networks.items():
        return str(at["IPAddress"]) if network == DEFAULT_NETWORK else container.name
    return ""
