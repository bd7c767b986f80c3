"""Sources and replicas, started as Compose starts them: no capability, no way to gain any."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import httpx
import psycopg
import pymysql
import redis

from faults.wait import until
from lab.stack.places import LABEL

if TYPE_CHECKING:
    from docker.models.containers import Container
    from psycopg.rows import TupleRow

# Each has what its entrypoint could stumble over.
SECRETS = {
    "SHOP_DB_PASSWORD": "shop's own",
    "DBA_PASSWORD": 'dba"s',
    "EXPORTER_PASSWORD": "exporter-secret",
    "REFEREE_DB_PASSWORD": "referee-secret",
    "REPLICA_DB_PASSWORD": "it's a re:pli\\ca",
    "SHOP_MYSQL_PASSWORD": "shop's \\own",
    "MYSQL_DBA_PASSWORD": 'dba\'s "own" \\',
    "MYSQL_EXPORTER_PASSWORD": "exporter's",
    "MYSQL_REFEREE_PASSWORD": "referee's",
    "MYSQL_REPLICA_PASSWORD": "it's a re\\pli\"ca",
    "REDIS_SHOP_PASSWORD": "shop's",
    "REDIS_ONCALL_PASSWORD": "oncall's",
    "REDIS_EXPORTER_PASSWORD": "exporter's",
    "REDIS_REFEREE_PASSWORD": "referee's",
    "REDIS_REPLICA_PASSWORD": "it's a \"re\\plica",
    "REDIS_ADMIN_PASSWORD": "admin's",
    "PGBOUNCER_ADMIN_PASSWORD": 'pooler"s',
    "HEARTBEAT_PASSWORD": "the heart's",
}
ROLES = {
    "postgres": {"POSTGRES_ROLE": "replica", "PRIMARY_HOST": "postgres"},
    "mysql": {"MYSQL_ROLE": "replica", "MYSQL_SOURCE_HOST": "mysql"},
    "redis": {"REDIS_ROLE": "replica", "REDIS_PRIMARY_HOST": "redis"},
}
TROUBLES = (psycopg.Error, pymysql.Error, redis.RedisError, httpx.HTTPError, OSError)
WITHIN_S = 60
MYSQL_CONNECTIONS = 150
TOO_MANY_CONNECTIONS = 1040


@dataclass(frozen=True, kw_only=True)
class Server:
    """A container and the ports that lead into it."""

    container: "Container"

    def port(self, inner: int) -> int:
        """The port of 127.0.0.1 for one inside; another one after each restart."""

        def published() -> int | None:
            self.container.reload()
            bindings = self.container.ports.get(f"{inner}/tcp")
            return int(bindings[0]["HostPort"]) if bindings else None

        return until(published, what=f"{self.container.name} publishes {inner}", timeout_s=WITHIN_S)

    def inside(self, *argv: str) -> str:
        """What a command says inside, as the server's own user."""
        code, output = self.container.exec_run(list(argv))
        said = bytes(output).decode()  # type: ignore[arg-type]
        assert code == 0, said
        return said

    def log(self) -> str:
        """All that it has written."""
        return str(self.container.logs().decode())

    def postgres(self, role: str = "referee") -> "psycopg.Connection[TupleRow]":
        """A session with PostgreSQL."""
        names = {"referee": "REFEREE_DB_PASSWORD", "shop": "SHOP_DB_PASSWORD", "dba": "DBA_PASSWORD"}
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port(5432),
            dbname="shop",
            user=role,
            password=SECRETS[names[role]],
            autocommit=True,
            connect_timeout=5,
        )

    def mysql(self, user: str = "referee", port: int = 3306) -> "pymysql.connections.Connection[Any]":
        """A session with MySQL."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port(port),
            user=user,
            password=SECRETS["SHOP_MYSQL_PASSWORD" if user == "shop" else f"MYSQL_{user.upper()}_PASSWORD"],
            database="shop",
            ssl={"check_hostname": False},
            autocommit=True,
            connect_timeout=5,
            read_timeout=20,
        )

    def redis(self, user: str = "admin") -> redis.Redis:
        """A client of Redis."""
        password = SECRETS[f"REDIS_{user.upper()}_PASSWORD"]
        return redis.Redis(
            port=self.port(6379), username=user, password=password, socket_timeout=5, decode_responses=True
        )

    def answers(self, engine: str) -> bool:
        """Whether it lets the referee in; raises what the driver raises where it does not."""
        if engine == "redis":
            return bool(self.redis("referee").ping())
        with self.mysql() if engine == "mysql" else self.postgres():
            return True

    def sql(
        self, statement: str, *values: object, user: str = "referee", port: int = 3306
    ) -> list[dict[str, Any]]:
        """The rows of one statement in MySQL, by column."""
        with self.mysql(user, port) as session, session.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())


def soon(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; a server that is not there yet says no."""
    until(lambda: condition() or None, what=what, timeout_s=WITHIN_S, ignore=TROUBLES)


class Yard:
    """Servers on one network; everything carries the test's label, by which it is removed."""

    def __init__(self, engine: docker.DockerClient, label: str, image: Callable[[str], str]) -> None:
        self._engine = engine
        self._labels = {LABEL: label}
        self.image = image
        self._network = engine.networks.create(f"sev0-{label}", labels=self._labels)

    def start(
        self, image: str, *, name: str, ports: tuple[int, ...], environment: Mapping[str, str], **options: Any
    ) -> Server:
        """Start a container that the others know as *name*."""
        container = self._engine.containers.create(
            self.image(image),
            environment={**SECRETS, **environment},
            ports={f"{port}/tcp": ("127.0.0.1", 0) for port in ports},
            labels=self._labels,
            hostname=name,
            init=image != "postgres",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            network=self._network.name,
            networking_config={
                str(self._network.name): self._engine.api.create_endpoint_config(aliases=[name])
            },
            **options,
        )
        container.start()
        return Server(container=container)

    def source(self, engine: str) -> Server:
        """Start the source of an engine."""
        return self.start(engine, name=engine, ports=PORTS[engine], environment={"WITH_REPLICA": "1"})

    def replica(self, engine: str) -> Server:
        """Start a replica of an engine's source."""
        return self.start(engine, name=f"{engine}-replica", ports=PORTS[engine], environment=ROLES[engine])


def take_every_connection(source: Server, sessions: contextlib.ExitStack) -> int:
    """Sign the shop in to MySQL until it is refused, and say by which number; a replica holds one, too."""
    for _ in range(MYSQL_CONNECTIONS + 1):
        try:
            sessions.enter_context(source.mysql("shop"))
        except pymysql.OperationalError as refusal:
            return int(refusal.args[0])
    return 0


PORTS: Mapping[str, tuple[int, ...]] = {"postgres": (5432,), "mysql": (3306, 33062), "redis": (6379,)}


def resident_bytes(server: Server) -> int:
    """The memory that the server's own process holds, by the kernel's account, in bytes."""
    top = server.container.top(ps_args="-eo pid,comm")
    [pid] = [row[0] for row in top["Processes"] if row[1] == "mysqld"]
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
