"""The shop's containers, started by a test, and the ways in."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker
import httpx
import psycopg
from psycopg.rows import TupleRow

from faults.wait import until
from lab.stack.places import LABEL

if TYPE_CHECKING:
    from docker.models.containers import Container

PASSWORDS = {
    "SHOP_DB_PASSWORD": "shop's own",  # a quote, for the entrypoint has to survive one
    "DBA_PASSWORD": "dba-secret",
    "EXPORTER_PASSWORD": "exporter-secret",
    "REFEREE_DB_PASSWORD": "referee-secret",
    "REDIS_SHOP_PASSWORD": "redis-shop-secret",
    "REDIS_ONCALL_PASSWORD": "redis-oncall-secret",
    "REDIS_EXPORTER_PASSWORD": "redis-exporter-secret",
    "REDIS_REFEREE_PASSWORD": "redis-referee-secret",
    "REDIS_REPLICA_PASSWORD": 'redis replica\'s "own"',
    "REDIS_ADMIN_PASSWORD": "redis-admin-secret",
    "REPLICA_DB_PASSWORD": "replica's: own",
    "HEARTBEAT_PASSWORD": "heartbeat-secret",
}
ROLE_PASSWORDS = {
    "shop": PASSWORDS["SHOP_DB_PASSWORD"],
    "dba": PASSWORDS["DBA_PASSWORD"],
    "exporter": PASSWORDS["EXPORTER_PASSWORD"],
    "referee": PASSWORDS["REFEREE_DB_PASSWORD"],
}
POD_ENVIRONMENT = {
    "DATABASE_URL": "postgresql://shop:shop%27s%20own@postgres/shop",
    "REDIS_URL": f"redis://shop:{PASSWORDS['REDIS_SHOP_PASSWORD']}@redis:6379/0",
    "PAY_URL": "http://pay:8081",
    "READY_AFTER_S": "1",
}
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-api'"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container and the port inside it that is published to the test."""

    container: "Container"
    inner_port: int

    @property
    def port(self) -> int:
        """The port of 127.0.0.1; another one after each restart."""

        def published() -> int | None:
            self.container.reload()
            bindings = self.container.ports.get(f"{self.inner_port}/tcp")
            return int(bindings[0]["HostPort"]) if bindings else None

        return until(published, what=f"{self.container.name} publishes its port", timeout_s=10)

    def log(self) -> str:
        """All that it has written."""
        return str(self.container.logs().decode())


class Stack:
    """One shop on a network of its own; everything carries the test's label, by which it is removed."""

    def __init__(self, engine: docker.DockerClient, label: str, image: Callable[[str], str]) -> None:
        self._engine = engine
        self.labels = {LABEL: label}
        self.image = image
        self._network = engine.networks.create(f"sev0-{label}", labels=self.labels)

    def start(
        self, image: str, *, name: str, port: int, environment: Mapping[str, str], volumes: Any = None
    ) -> Running:
        """Start a container that the others know as *name*."""
        config = self._engine.api.create_endpoint_config(aliases=[name])
        container = self._engine.containers.create(
            self.image(image),
            environment=dict(environment),
            ports={f"{port}/tcp": ("127.0.0.1", 0)},
            labels=self.labels,
            volumes=volumes,
            network=self._network.name,
            networking_config={str(self._network.name): config},
            read_only=image.startswith("api"),
        )
        container.start()
        return Running(container=container, inner_port=port)

    def postgres(self) -> "Postgres":
        """Start PostgreSQL and wait until it lets the referee in."""
        server = Postgres(self.start("postgres", name="postgres", port=5432, environment=PASSWORDS))
        server.wait()
        return server

    def redis(self) -> Running:
        """Start Redis."""
        return self.start("redis", name="redis", port=6379, environment=PASSWORDS)

    def pay(self, **environment: str) -> Running:
        """Start the payment provider."""
        running = self.start("pay", name="pay", port=8081, environment=environment)
        wait_for_200(f"http://127.0.0.1:{running.port}/health/live")
        return running

    def pod(self, release: str, **environment: str) -> "Pod":
        """Start a pod of the API and wait until it is ready."""
        pod = self.fresh_pod(release, **environment)
        wait_for_200(f"{pod.url}/health/ready")
        return pod

    def fresh_pod(self, release: str, **environment: str) -> "Pod":
        """Start a pod of the API."""
        everything = POD_ENVIRONMENT | environment
        return Pod(self.start(f"api {release}", name="api", port=8080, environment=everything))


class Postgres:
    """The database, by role."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def connect(self, role: str, **options: Any) -> psycopg.Connection[TupleRow]:
        """One session of *role*, one attempt."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.running.port,
            dbname="shop",
            user=role,
            password=ROLE_PASSWORDS[role],
            autocommit=True,
            connect_timeout=5,
            **options,
        )

    def rows(self, query: str, *values: object, role: str = "referee") -> list[TupleRow]:
        """All rows of a query, %s standing for *values*."""
        with self.connect(role) as session:
            return session.execute(query.encode(), values or None).fetchall()

    def value(self, query: str, *values: object, role: str = "referee") -> Any:
        """The first column of the first row."""
        return self.rows(query, *values, role=role)[0][0]

    def run(self, *statements: str, role: str = "dba") -> None:
        """Run statements, each in its own transaction."""
        with self.connect(role) as session:
            for statement in statements:
                session.execute(statement.encode())

    def wait(self) -> None:
        """Wait until it answers."""
        until(
            lambda: self.value("SELECT 1"),
            what="PostgreSQL answers",
            timeout_s=30,
            ignore=(psycopg.OperationalError,),
        )

    def restart(self) -> None:
        """Stop it as Docker does, start it again on the same data."""
        self.running.container.restart(timeout=20)
        self.wait()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Freeze the server: connections are accepted by the kernel and never answered."""
        self.running.container.pause()
        try:
            yield
        finally:
            self.running.container.unpause()


class Pod:
    """One pod of the API, and a customer's calls to it."""

    def __init__(self, running: Running) -> None:
        self.running = running

    @property
    def url(self) -> str:
        """Where it answers; somewhere else after each restart."""
        return f"http://127.0.0.1:{self.running.port}"

    def call(self, method: str, path: str, *, token: str = "", **options: Any) -> httpx.Response:
        """One request on a connection of its own."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with http() as client:
            return client.request(method, self.url + path, headers=headers, **options)

    def login(self, customer_id: int) -> httpx.Response:
        """Sign an active customer in."""
        return self.call("POST", "/login", json=credentials(customer_id))

    def token(self, customer_id: int) -> str:
        """The token of a fresh session."""
        return str(self.login(customer_id).json()["token"])

    def metric(self, name: str) -> float:
        """The value of a series, written as in the exposition."""
        lines = self.call("GET", "/metrics").text.splitlines()
        return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name} "))


def http() -> httpx.Client:
    """A client; without certificates, which would take longer to load than most requests take."""
    return httpx.Client(timeout=5, trust_env=False, verify=False)  # noqa: S501 - nothing here speaks TLS


def credentials(customer_id: int) -> dict[str, str]:
    """What an active customer types to sign in."""
    return {"email": f"customer{customer_id}@shop.example", "password": f"correct-horse-{customer_id}"}


def gold(n: int) -> int:
    """The id of the n-th gold customer."""
    return 10 * (n // 3 % 1999) + (3, 7, 10)[n % 3]


def wait_for_200(url: str) -> None:
    """Wait until *url* answers 200."""

    def answered() -> bool | None:
        with http() as client:
            return client.get(url).status_code == 200 or None

    until(answered, what=url, timeout_s=30, ignore=(httpx.HTTPError,))
