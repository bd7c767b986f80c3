"""Which arrivals fall due between two times. Pure: no clock, no waiting.

An arrival stream is a count that grows by its rate; arrival *n* is due when the count passes `n + u`, where
*u* in [0, 1) is drawn from the seed. So any stretch of time has its arrivals to within one, they are not in
lockstep, and whether time is cut into small or large steps changes nothing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from loadgen.dice import deal, unit
from loadgen.plan import IDLE, Burst, Options, Plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One user who does one thing at *t* (unix seconds).

    *n* counts the arrivals of its stream, *nth* those on its route; *burst* is the burst's id, or empty, and
    *begun* its start: a burst of the same id may come again.
    """

    t: float
    route: str
    n: int
    nth: int
    burst: str = ""
    begun: float = 0.0
    options: Options = field(default_factory=dict)
    seed: int = 0

    @property
    def stream(self) -> str:
        """A name for its stream that no other has; empty for the main one."""
        return f"{self.burst}-{self.begun * 1000:.0f}" if self.burst else ""

    def dice(self) -> Random:
        """A source of choices that is this arrival's own."""
        return Random(f"{self.seed}/{self.burst}/{self.n}")  # noqa: S311 - traffic, not secrets


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How far a stream has come: *count* arrivals were planned by *t*."""

    t: float
    count: float = 0.0


def due(mark: Mark, until: float, rate_per_s: float, seed: int) -> tuple[list[tuple[int, float]], Mark]:
    """Number and time of each arrival in [mark.t, until), and the new mark."""
    if until <= mark.t:
        return [], mark
    reached = mark.count + rate_per_s * (until - mark.t)
    found = []
    for n in range(int(mark.count), int(reached) + 1):
        threshold = n + unit(seed, n)
        if mark.count <= threshold < reached:
            found.append((n, mark.t + (threshold - mark.count) / rate_per_s))
    return found, Mark(t=until, count=reached)


def next_time(mark: Mark, rate_per_s: float, seed: int) -> float | None:
    """When the next arrival falls due; None where nothing is planned."""
    if rate_per_s <= 0:
        return None
    n = int(mark.count)
    while (threshold := n + unit(seed, n)) < mark.count:
        n += 1
    return mark.t + (threshold - mark.count) / rate_per_s


class _BurstStream:
    def __init__(self, burst: Burst, *, seed: int, now: float) -> None:
        self.burst = burst
        self.seed = seed ^ zlib.crc32(burst.id.encode())
        # What a burst would have had before it was known is not made up for: it would come all at once.
        self.mark = Mark(t=max(burst.start, now))

    def due(self, until: float) -> Iterator[tuple[int, float]]:
        found, self.mark = due(self.mark, min(until, self.burst.end), self.burst.rate_per_s, self.seed)
        yield from found

    def next_time(self) -> float | None:
        t = next_time(self.mark, self.burst.rate_per_s, self.seed)
        return t if t is not None and t < self.burst.end else None


class Schedule:
    """The main stream and the bursts of a plan that may change at any time."""

    def __init__(self, *, seed: int, now: float) -> None:
        self._seed = seed
        self._plan = IDLE
        self._main = Mark(t=now)
        self._bursts: dict[tuple[str, float], _BurstStream] = {}

    @property
    def planned(self) -> float:
        """Arrivals planned so far; what was due differs from it by less than one a stream."""
        return self._main.count + sum(b.mark.count for b in self._bursts.values())

    def follow(self, plan: Plan) -> None:
        """Go on by another plan, from the time that was last asked for."""
        if plan == self._plan:
            return
        self._plan = plan
        wanted = {(b.id, b.start): b for b in plan.bursts}
        for key, burst in wanted.items():
            if key not in self._bursts:
                self._bursts[key] = _BurstStream(burst, seed=self._seed, now=self._main.t)
        for key, stream in self._bursts.items():
            if key not in wanted:  # withdrawn: what it had stays counted
                stream.burst = replace(stream.burst, for_s=0.0)

    def due(self, until: float) -> list[Arrival]:
        """All arrivals since the last call and before *until*, in order of time."""
        arrivals = [
            self._arrival(b.burst, b.seed, n, t) for b in self._bursts.values() for n, t in b.due(until)
        ]
        found, self._main = due(self._main, until, self._plan.rate_per_s, self._seed)
        for n, t in found:
            route, nth = deal(self._seed, n)
            arrivals.append(
                Arrival(t=t, route=route, n=n, nth=nth, options=self._plan.options, seed=self._seed)
            )
        return sorted(arrivals, key=lambda a: a.t)

    def next_time(self) -> float | None:
        """When the next arrival falls due; None where nothing is planned."""
        times = [next_time(self._main, self._plan.rate_per_s, self._seed)]
        times += [b.next_time() for b in self._bursts.values()]
        return min((t for t in times if t is not None), default=None)

    def _arrival(self, burst: Burst, seed: int, n: int, t: float) -> Arrival:
        options = {**self._plan.options, **burst.options}
        return Arrival(
            t=t,
            route=burst.route,
            n=n,
            nth=n,
            burst=burst.id,
            begun=burst.start,
            options=options,
            seed=seed,
        )
