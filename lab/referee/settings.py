"""Reads what servers are set to: the settings that a scenario bounds, at the baseline and at the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lab.referee.config import Config
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.own_readings import mysql_servers
from lab.referee.redis_servers import redis_server
from lab.referee.samplers.redis_server import RedisServer
from lab.settings import ENGINES, Bound

# A name is a scenario's, and lint knows its shape.
POSTGRES_SETTING = """
select case reset_val when 'on' then 1 when 'off' then 0 else reset_val::float8 end
  from pg_settings where name = '{}'
"""


class Server(Protocol):
    """A server that can be asked what it is set to."""

    def setting(self, name: str, /) -> float: ...


class Scalars(Protocol):
    """A database that answers a query with one number."""

    def scalar(self, query: str, /) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """What a session that sets nothing itself would have."""

    database: Scalars

    def setting(self, name: str) -> float:
        """The number; SampleError where it is none."""
        return self.database.scalar(POSTGRES_SETTING.format(name))


@dataclass(frozen=True, kw_only=True)
class MySQL:
    """What is set for the whole server."""

    database: Scalars

    def setting(self, name: str) -> float:
        """The number; SampleError where it is none."""
        return self.database.scalar(f"select @@global.{name}")


@dataclass(frozen=True, kw_only=True)
class Redis:
    """What CONFIG GET answers."""

    server: RedisServer

    def setting(self, name: str) -> float:
        """The number; SampleError where it is none."""
        try:
            with self.server.session() as ask:
                return float(ask("CONFIG", "GET", name)[1])
        except (OSError, ValueError, IndexError) as error:
            raise SampleError(f"Redis, setting {name}: {error}") from error


def settings(bounds: Iterable[Bound], servers: Mapping[str, Server]) -> dict[str, float]:
    """The value of each, as far as its server tells it."""
    found = {}
    for bound in bounds:
        try:
            found[bound.key] = servers[bound.on].setting(bound.setting)
        except SampleError:
            continue  # what is not known is held against nobody
    return found


def servers_of(config: Config) -> dict[str, Server]:
    """Every server whose settings can be bounded, whether this lab has it or not."""
    postgres = {name: Postgres(database=Database(config.dsn_of(name))) for name in _named("postgres")}
    mysql = {name: MySQL(database=server) for name, server in mysql_servers(config).items()}
    redis = {name: Redis(server=redis_server(config, name)) for name in _named("redis")}
    return {**postgres, **mysql, **redis}


def _named(engine: str) -> list[str]:
    return [name for name, runs in ENGINES.items() if runs == engine]
