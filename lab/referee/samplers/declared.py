"""How each kind of reading that a scenario declares is taken."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from lab.readings import Declared
from lab.referee.samplers.paced import Answer, Taken


class Queries(Protocol):
    """Prometheus, over a connection of its own."""

    def value(self, query: str, /) -> float: ...


def taken(readings: Iterable[Declared], *, prometheus: Callable[[], Queries]) -> Iterator[Taken]:
    """Each reading with the way to take it."""
    for reading in readings:
        yield Taken(name=reading.name, every_s=reading.every_s, take=_promql(prometheus(), reading.query))


def _promql(prometheus: Queries, query: str) -> Callable[[], Answer]:
    return lambda: Answer(value=prometheus.value(query))
