"""Redis as the shop has it, alone or as a pair, and what its clients meet."""

import contextlib
from collections.abc import Iterator
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from faults.redis.server import RedisServer
from faults.wait import until
from tests.faults.servers import Server, Spec, Yard

PASSWORDS = {
    "shop": "shop's own",  # a quote has to survive
    "oncall": "oncall-secret",
    "exporter": "exporter-secret",
    "referee": "referee-secret",
    "admin": "admin-secret",
    "replica": "replica-secret",
}
ENVIRONMENT = {f"REDIS_{user.upper()}_PASSWORD": password for user, password in PASSWORDS.items()}
SPEC = Spec(image="redis", name="redis", port=6379, environment=ENVIRONMENT, options={"mem_limit": "256m"})
UP = ("BUSY", "max number of clients")
FOLLOWING = {"REDIS_ROLE": "replica", "REDIS_PRIMARY_HOST": SPEC.name}
REPLICA = Spec(image="redis", name="redis-2", port=6379, environment=ENVIRONMENT | FOLLOWING)


class Redis(Server):
    """A Redis server."""

    @property
    def target(self) -> RedisServer:
        """What a fault is done to."""
        alias = self.name.split("-", 2)[2]
        return RedisServer(self.container, passwords=PASSWORDS, host=alias)

    @contextlib.contextmanager
    def client(self, user: str = "shop", *, timeout_s: float = 30) -> Iterator[redis.Redis]:
        """A client's connection, which never tries twice."""
        with redis.Redis(
            port=self.port,
            username=user,
            password=PASSWORDS[user],
            socket_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            single_connection_client=True,
            decode_responses=True,
        ) as client:
            yield client

    def run(self, *command: str | int, user: str = "shop") -> Any:
        """A command's answer."""
        with self.client(user) as client:
            return client.execute_command(*command)  # type: ignore[no-untyped-call]

    def error(self, *command: str | int, user: str = "shop") -> str:
        """What the server answers a client with where it does not obey; "" where it does."""
        try:
            self.run(*command, user=user)
        except RedisError as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def wait(self) -> None:
        """Wait until it has loaded its data and answers, be it that it is busy or full."""

        def answers() -> bool | None:
            said = self.error("EXISTS", "x", user="referee")
            return said == "" or any(word in said for word in UP) or None

        until(
            answers,
            what=f"{self.name} serves",
            timeout_s=60,
        )


def primary(yard: Yard) -> Redis:
    """The one primary."""
    return yard.get(Redis, SPEC)


def replica(yard: Yard) -> Redis:
    """What follows the primary."""
    primary(yard)
    return yard.get(Redis, REPLICA)
