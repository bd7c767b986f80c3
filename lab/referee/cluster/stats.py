"""`kubectl top`: what each container uses, from the engine's own counters."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import requests
from docker.errors import DockerException

FRESH_S = 60.0
READERS = 8
# Between the two readings of a container that was not read lately.
SPAN_S = 0.5


class Engine(Protocol):
    """Where a container's counters are read."""

    def stats(self, container: str, /, *, stream: bool, one_shot: bool) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a container uses now."""

    cores: float
    memory_bytes: int


@dataclass(frozen=True, kw_only=True)
class _Sample:
    t: float
    cpu_ns: int
    memory_bytes: int


class Stats:
    """Reads counters when asked, and makes rates of two readings."""

    def __init__(
        self, api: Engine, *, now: Callable[[], float], pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._api = api
        self._now = now
        self._pause = pause
        self._last: dict[str, _Sample] = {}
        self._lock = threading.Lock()

    def usage(self, containers: Iterable[str]) -> dict[str, Usage]:
        """By container, what it uses; those that do not run are left out."""
        with self._lock:
            read = self._read(containers)
            new = [ident for ident in read if not _follows(self._last.get(ident), read[ident])]
            if new:  # a counter since the start says nothing of now
                self._last |= {ident: read.pop(ident) for ident in new}
                self._pause(SPAN_S)
                read |= self._read(new)
            found = {ident: _usage(self._last[ident], sample) for ident, sample in read.items()}
            self._last |= read
            return found

    def _read(self, containers: Iterable[str]) -> dict[str, _Sample]:
        """All at once: each answer waits for the engine's next second."""
        asked = tuple(containers)
        if not asked:
            return {}
        with ThreadPoolExecutor(min(len(asked), READERS)) as pool:
            found = dict(zip(asked, pool.map(self._one, asked), strict=True))
        return {ident: sample for ident, sample in found.items() if sample is not None}

    def _one(self, ident: str) -> _Sample | None:
        try:
            raw = self._api.stats(ident, stream=False, one_shot=True)
        except (DockerException, requests.RequestException):
            return None
        return _sample(raw, self._now())


def _sample(raw: Mapping[str, Any], t: float) -> _Sample | None:
    memory = raw.get("memory_stats") or {}
    if "usage" not in memory:
        return None
    counters = memory.get("stats") or {}
    cache = counters.get("total_inactive_file", counters.get("inactive_file", 0))
    return _Sample(
        t=t,
        cpu_ns=int(raw["cpu_stats"]["cpu_usage"]["total_usage"]),
        memory_bytes=max(0, int(memory["usage"]) - int(cache)),
    )


def _follows(was: _Sample | None, now: _Sample) -> bool:
    """Whether a rate can be made of two readings: of one container's run, and not too far apart."""
    return was is not None and 0 < now.t - was.t <= FRESH_S and now.cpu_ns >= was.cpu_ns


def _usage(was: _Sample, now: _Sample) -> Usage:
    cores = (now.cpu_ns - was.cpu_ns) / 1e9 / (now.t - was.t) if _follows(was, now) else 0.0
    return Usage(cores=cores, memory_bytes=now.memory_bytes)
