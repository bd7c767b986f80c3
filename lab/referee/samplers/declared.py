"""How each kind of reading that a scenario declares is taken."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from lab.history.records import Reading
from lab.readings import HTTP, SQL, Containers, Declared, PromQL
from lab.referee.samplers.container_facts import Facts, Look
from lab.referee.samplers.http_answer import ask
from lab.referee.samplers.paced import Answer, Taken


class Queries(Protocol):
    """Prometheus, over a connection of its own."""

    def value(self, query: str, /) -> float: ...


class Scalars(Protocol):
    """A database; any number of threads may ask."""

    def scalar(self, query: str, /) -> float: ...


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """Who is asked. What cannot be shared by threads is made anew for each reading.

    *databases*: each that SQL can be asked of, by its service. *looks* makes a way to look at the containers
    of a service or deployment; *before* is the last reading of a name that this run has in its journal.
    """

    prometheus: Callable[[], Queries]
    databases: Mapping[str, Scalars]
    shop_url: str
    looks: Callable[[str], Callable[[], Sequence[Look]]]
    before: Callable[[str], Reading | None]


def taken(readings: Iterable[Declared], witnesses: Witnesses) -> tuple[Taken, ...]:
    """Each reading with the way to take it."""
    return tuple(Taken(name=r.name, every_s=r.every_s, take=_way(r, witnesses)) for r in readings)


def _way(reading: Declared, witnesses: Witnesses) -> Callable[[], Answer]:
    match reading:
        case PromQL(query=query):
            return partial(_number, witnesses.prometheus().value, query)
        case SQL(query=query, on=on):
            return partial(_number, witnesses.databases[on].scalar, query)
        case HTTP():
            return partial(ask, witnesses.shop_url, reading)
        case Containers(of=of, fact=fact):
            return Facts(fact, witnesses.looks(of), before=witnesses.before(reading.name))


def _number(asked: Callable[[str], float], query: str) -> Answer:
    return Answer(value=asked(query))
