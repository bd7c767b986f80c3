"""Follows the load's two growing files and hands out each second once it can no longer change."""

from collections import Counter
from collections.abc import Callable, Mapping
from math import floor
from pathlib import Path
from typing import Generic, TypeVar

from lab.history.bins import Request, Tick, bin_seconds, parse_request, parse_tick
from lab.history.records import LoadSecond

WRITE_LAG_S = 0.7
"""The load flushes every 0.2 s and ticks once a second; this leaves it time to do so."""

KEPT_TICK_S = 10.0
"""How much of the ticks behind the last second handed out is kept for interpolation."""

T = TypeVar("T")


class LoadLog:
    """The load's folder, read as it grows.

    Seconds up to and including *after_t* (the last one already in the journal) are never handed out again.
    """

    def __init__(self, folder: Path, *, timeout_s: float = 2.0, after_t: float | None = None) -> None:
        self._requests = _Tail(folder / "requests.csv", parse_request)
        self._ticks = _Tail(folder / "ticks.csv", parse_tick)
        self._timeout_s = timeout_s
        self._next_s = floor(after_t) + 1 if after_t is not None else 0
        self._open_requests: list[Request] = []
        self._recent_ticks: list[Tick] = []

    def closed(self, now_t: float) -> tuple[LoadSecond, ...]:
        """The seconds that closed since the last call.

        For each, t + 1 + time-out + 0.7 s have passed, or all that was offered in it has ended.
        """
        # The ticks first: what they count was offered before, so that its requests can only be more.
        self._recent_ticks += self._ticks.read()
        self._open_requests += self._requests.read()
        until_s = floor(now_t - 1 - self._timeout_s - WRITE_LAG_S) + 1
        until_s = self._complete(max(until_s, self._next_s))
        if until_s <= self._next_s:
            return ()
        seconds = bin_seconds(self._open_requests, self._recent_ticks, from_s=self._next_s, until_s=until_s)
        self._next_s = until_s
        self._open_requests = [r for r in self._open_requests if r.scheduled_t >= until_s]
        self._recent_ticks = [k for k in self._recent_ticks if k.t >= until_s - KEPT_TICK_S]
        return seconds

    def _complete(self, second: int) -> int:
        """The first second from *second* on that could still change.

        One more tick than the second's own must be there: it tells of arrivals that were started late.
        """
        scheduled = {tick.t: tick.scheduled_total for tick in self._recent_ticks}
        ended = Counter(floor(request.scheduled_t) for request in self._open_requests)
        while second + 2 in scheduled and _offered(scheduled, second) == ended[second]:
            second += 1
        return second


def _offered(scheduled: Mapping[float, int], second: int) -> int | None:
    """How many arrivals a second had, None where the ticks do not say exactly."""
    if second not in scheduled or second + 1 not in scheduled:
        return None
    return scheduled[second + 1] - scheduled[second]


class _Tail(Generic[T]):
    """A CSV file with a header line, read from where the last read ended; an unfinished line waits."""

    def __init__(self, path: Path, parse: Callable[[Mapping[str, str]], T]) -> None:
        self._path = path
        self._parse = parse
        self._offset = 0
        self._header: list[str] = []

    def read(self) -> list[T]:
        """The whole lines that came since; lines that are none (a torn one after a kill) are skipped."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size < self._offset:  # made anew
            self._offset, self._header = 0, []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(size - self._offset)
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        rows = (self._row(line.split(",")) for line in whole.decode(errors="replace").splitlines())
        return [row for row in rows if row is not None]

    def _row(self, cells: list[str]) -> T | None:
        if not self._header or cells == self._header:
            self._header = cells
            return None
        try:
            return self._parse(dict(zip(self._header, cells, strict=False)))
        except (ValueError, KeyError):
            return None
