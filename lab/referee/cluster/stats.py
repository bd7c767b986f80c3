"""`kubectl top`: what each container uses, from the engine's own counters."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker
import requests
from docker.errors import DockerException

FRESH_S = 15.0


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

    def __init__(self, api: docker.APIClient, *, now: Callable[[], float]) -> None:
        self._api = api
        self._now = now
        self._last: dict[str, _Sample] = {}
        self._lock = threading.Lock()

    def usage(self, containers: Iterable[str]) -> dict[str, Usage]:
        """By container, what it uses; those that do not run are left out."""
        with self._lock:
            found = {}
            for ident in containers:
                usage = self._one(ident)
                if usage is not None:
                    found[ident] = usage
            return found

    def _one(self, ident: str) -> Usage | None:
        try:
            raw = self._api.stats(ident, stream=False, one_shot=True)
        except (DockerException, requests.RequestException):
            return None
        sample = _sample(raw, self._now())
        if sample is None:
            return None
        was = self._last.get(ident)
        self._last[ident] = sample
        return Usage(cores=_cores(was, sample, raw), memory_bytes=sample.memory_bytes)


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


def _cores(was: _Sample | None, now: _Sample, raw: Mapping[str, Any]) -> float:
    if was is not None and 0 < now.t - was.t <= FRESH_S * 4 and now.cpu_ns >= was.cpu_ns:
        return (now.cpu_ns - was.cpu_ns) / 1e9 / (now.t - was.t)
    before = (raw.get("precpu_stats") or {}).get("cpu_usage", {}).get("total_usage")
    return 0.0 if before is None else max(0.0, (now.cpu_ns - int(before)) / 1e9)
