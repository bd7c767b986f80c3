"""The shop's containers, started by a test, and the ways in."""

from collections.abc import Callable, Mapping
from typing import Any

import docker
import httpx

from faults.wait import until
from lab.referee.pods.containers import DNS_OPTIONS
from lab.stack.places import LABEL
from tests.shop.servers import PASSWORDS, PATIENCE_S, Mysql, Postgres, Running

POD_ENVIRONMENT = {
    "DATABASE_URL": "postgresql://shop:shop%27s%20own@postgres/shop",
    "REDIS_URL": f"redis://shop:{PASSWORDS['REDIS_SHOP_PASSWORD']}@redis:6379/0",
    "PAY_URL": "http://pay:8081",
    "READY_AFTER_S": "1",
}
CATALOGUE = {"CATALOGUE_URL": "mysql://shop:shop%27s%20own@mysql/shop"}
STOCK = {"STOCK_URL": "mysql://shop:shop%27s%20own@mysql-replica/shop"}
HISTORY = {"HISTORY_URL": "postgresql://shop:shop%27s%20own@postgres-replica/shop"}
STREAM = {"ORDER_STREAM": "orders:placed"}
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-api'"


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
            read_only=image.startswith(("api", "worker")),
            dns_opt=list(DNS_OPTIONS),
        )
        container.start()
        return Running(container=container, inner_port=port)

    def postgres(self, name: str = "postgres", **environment: str) -> Postgres:
        """Start PostgreSQL and wait until it lets the referee in."""
        server = Postgres(self.start("postgres", name=name, port=5432, environment=PASSWORDS | environment))
        server.wait()
        return server

    def mysql(self, name: str = "mysql", **environment: str) -> Mysql:
        """Start MySQL and wait until it lets the shop in."""
        server = Mysql(self.start("mysql", name=name, port=3306, environment=PASSWORDS | environment))
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

    def worker(self, **environment: str) -> "Worker":
        """Start a worker and wait until it lives."""
        everything = POD_ENVIRONMENT | CATALOGUE | {"WORKER_BACKOFF_S": "0.05"} | environment
        worker = Worker(self.start("worker", name="worker", port=9109, environment=everything))
        wait_for_200(f"{worker.url}/health/live")
        return worker

    def fresh_pod(self, release: str, **environment: str) -> "Pod":
        """Start a pod of the API."""
        everything = POD_ENVIRONMENT | environment
        return Pod(self.start(f"api {release}", name="api", port=8080, environment=everything))


class Worker:
    """The worker, and what it tells."""

    def __init__(self, running: Running) -> None:
        self.running = running

    @property
    def url(self) -> str:
        """Where it answers; somewhere else after each restart."""
        return f"http://127.0.0.1:{self.running.port}"

    def metric(self, name: str) -> float:
        """The value of a series, written as in the exposition."""
        with http() as client:
            return series(client.get(f"{self.url}/metrics").text, name)


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
        return series(self.call("GET", "/metrics").text, name)


def series(exposition: str, name: str) -> float:
    """The value of one series."""
    lines = exposition.splitlines()
    return next(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"{name} "))


def http() -> httpx.Client:
    """A client; without certificates, which would take longer to load than most requests take."""
    return httpx.Client(timeout=PATIENCE_S, trust_env=False, verify=False)  # noqa: S501 - nothing here speaks TLS


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

    until(answered, what=url, timeout_s=90, ignore=(httpx.HTTPError,))
