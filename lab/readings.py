"""Readings that a scenario declares for itself, beside those that every lab has. Values only.

The referee takes each at its own pace, in a thread of its own, and writes it down under its name.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

PROMETHEUS = "Prometheus"
SERVERS = {"postgres": "PostgreSQL", "mysql": "MySQL", "mysql-replica": "the replica of MySQL"}
"""The services that SQL can be asked of, and what each is called."""


@dataclass(frozen=True, kw_only=True)
class PromQL:
    """What Prometheus answers to an expression of PromQL: one number, or nothing.

    *counter*: it only grows, and begins anew with the process that counts.
    """

    name: str
    query: str
    every_s: float = 1.0
    counter: bool = False

    @property
    def source(self) -> str:
        """Who is asked, in words."""
        return PROMETHEUS


@dataclass(frozen=True, kw_only=True)
class SQL:
    """What the database *on* that service answers to a query of one row and one column, on the referee's
    reserved connection.

    The session is read-only and the statement has two seconds; NULL is no number. *counter*: it only grows.
    """

    name: str
    query: str
    on: str = "postgres"
    every_s: float = 5.0
    counter: bool = False

    @property
    def source(self) -> str:
        """Who is asked, in words."""
        return f"a query of {SERVERS.get(self.on, self.on)}"


@dataclass(frozen=True, kw_only=True)
class HTTP:
    """1 where the shop answers a GET as it should, from the users' side of the balancer; 0 where not.

    As it should: with *status*, with *text* in the body, and with *field* of its JSON (`a.b.0`) as *equals*
    says, each where it is given. No answer in two seconds is 0 as well: users see no difference.
    """

    name: str
    path: str
    status: int = 200
    text: str = ""
    field: str = ""
    equals: str | float | bool | None = None
    every_s: float = 1.0

    @property
    def source(self) -> str:
        """Who is asked, in words."""
        return "a request through the balancer"

    @property
    def counter(self) -> bool:
        """It is 1 or 0."""
        return False


class Fact(Enum):
    """What can be read of containers."""

    RESTARTS = "restarts"
    OOM_KILLS = "kills for want of memory"
    RUNNING = "running containers"


@dataclass(frozen=True, kw_only=True)
class Containers:
    """A fact of a service's container, or of all pods of a deployment together.

    Restarts and kills are counted since the run began; a pod that another replaces was not restarted.
    """

    name: str
    of: str
    fact: Fact
    every_s: float = 1.0

    @property
    def source(self) -> str:
        """Who is asked, in words."""
        return "the Docker engine"

    @property
    def counter(self) -> bool:
        """What happened is counted, what runs is not."""
        return self.fact is not Fact.RUNNING


Declared: TypeAlias = PromQL | SQL | HTTP | Containers
