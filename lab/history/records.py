"""The three kinds of record that a history is made of, and the words used in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

LATENCY_EDGES_MS = (5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000)
"""Upper edges of the latency histogram; one more bucket holds what is slower."""

BAD_RESULTS = ("timeout", "conn", "http_5xx", "http_4xx", "wrong", "dropped")
"""How a request can go wrong, as the load sees it."""


@dataclass(frozen=True, kw_only=True)
class RouteSecond:
    """What became of the requests that were scheduled on one route in one second.

    *expected* counts declined cards and wrong passwords. *first_bad_t* and *last_bad_t* are scheduled times
    (unix seconds) of the first and last bad request, None where there was none.
    """

    ok: int = 0
    expected: int = 0
    bad: Mapping[str, int] = field(default_factory=dict)
    latency_counts: tuple[int, ...] = (0,) * (len(LATENCY_EDGES_MS) + 1)
    first_bad_t: float | None = None
    last_bad_t: float | None = None


@dataclass(frozen=True, kw_only=True)
class LoadSecond:
    """All requests scheduled in [t, t+1), from the load's own log: the first witness.

    *planned* is what the plan asked for in that second, *scheduled* what the pacer offered, *late_ms* the
    worst lateness of its clock: a stalled host shows here, not as an outage.
    """

    t: float
    planned: float
    scheduled: int
    late_ms: float
    routes: Mapping[str, RouteSecond]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One number read from Prometheus, PostgreSQL, the shop or a container.

    None, with *error*, if it was not; with a number *error* may say why it is what it is.
    """

    t: float
    name: str
    value: float | None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, or that somebody did, at unix time *t*."""

    t: float
    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)


Record: TypeAlias = LoadSecond | Reading | Event
History: TypeAlias = Sequence[Record]
