"""How much memory and processor the containers of a lab take, by the kernel's own accounts."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import docker
from docker.errors import NotFound

if TYPE_CHECKING:
    from docker.models.containers import Container

MIB = 1024 * 1024
WATCHERS = ("referee", "prometheus", "postgres-exporter", "redis-exporter")


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One container: memory that cannot be dropped at once, and the share of one core it used."""

    part: str
    memory_bytes: int
    core_ratio: float


@dataclass(frozen=True, kw_only=True)
class _Account:
    memory_bytes: int
    cpu_s: float
    t: float


def weigh(lab: str, *, for_s: float) -> tuple[Weight, ...]:
    """The containers of *lab*: memory at the end of *for_s* seconds, processor time over them.

    Those that are replaced meanwhile, as pods are in a roll-out, are left out.
    """
    engine = docker.from_env()
    try:
        containers = engine.containers.list(filters={"label": f"dev.sev0.lab={lab}"})
        before = [(container, account) for container in containers if (account := _account(container))]
        time.sleep(for_s)
        there = [(container, was, _account(container)) for container, was in before]
        return tuple(_weight(container, was, now) for container, was, now in there if now)
    finally:
        engine.close()


def _weight(container: "Container", before: _Account, after: _Account) -> Weight:
    used = (after.cpu_s - before.cpu_s) / (after.t - before.t)
    return Weight(part=_part(container), memory_bytes=after.memory_bytes, core_ratio=used)


def _account(container: "Container") -> _Account | None:
    """What it has taken so far; None where it is gone, or not running."""
    try:
        stats = cast("dict[str, Any]", container.stats(stream=False, one_shot=True))
    except NotFound:
        return None
    memory = stats["memory_stats"]
    if not memory:
        return None
    pages = memory.get("stats", {})
    # What `docker stats` subtracts as well: file pages that nobody has asked for lately (cgroup v1, v2).
    idle = pages.get("total_inactive_file", pages.get("inactive_file", 0))
    return _Account(
        memory_bytes=memory.get("usage", 0) - idle,
        cpu_s=stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        t=time.monotonic(),
    )


def _part(container: "Container") -> str:
    labels = container.labels
    return labels.get("com.docker.compose.service") or labels.get("dev.sev0.pod") or str(container.name)


def share(weights: tuple[Weight, ...], parts: tuple[str, ...] | None = None) -> float:
    """The share of one core of these parts together, or of all."""
    return sum(w.core_ratio for w in weights if parts is None or w.part in parts)


def memory_mib(weights: tuple[Weight, ...]) -> float:
    """The memory of all, in MiB."""
    return sum(w.memory_bytes for w in weights) / MIB
