"""Sees who was restarted: a database, or a witness that should be left alone; and files that were edited."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lab.history.records import Event
from lab.referee.services import Service

DATABASES = ("postgres", "postgres-replica", "mysql", "mysql-replica", "redis", "redis-replica")
ALWAYS = ("postgres", "redis")
LOAD = "load"
LOAD_FILES = ("requests.csv", "ticks.csv", "ledger.jsonl")
"""The load only ever adds lines to these."""
TAIL_BYTES = 256
# A service's first start is later than the referee's look at it by less than this.
START_SLACK_S = 0.5


class Finder(Protocol):
    """Finds a service's container."""

    def find(self, name: str) -> Service | None: ...


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An event to be recorded."""

    kind: str
    detail: Mapping[str, Any]


class Interference:
    """Compares what is with what was; *load_dir* is where the load writes, *extras* are the optional services
    of this lab.
    """

    def __init__(self, finder: Finder, *, load_dir: Path, extras: Collection[str] = ()) -> None:
        self._finder = finder
        self._databases = tuple(name for name in DATABASES if name in ALWAYS or name in extras)
        self._load_dir = load_dir
        self._ends: dict[str, tuple[int, bytes]] = {}
        self._load_state = ""

    def look(self, events: Iterable[Event], *, ready_t: float) -> Iterator[Happened]:
        """What happened since the last look."""
        events = tuple(events)
        for name in self._databases:
            service = self._finder.find(name)
            if service and self._restarted(service, events, "database_restarted", ready_t):
                detail = {"name": name, "started_t": service.started_t}
                yield Happened(kind="database_restarted", detail=detail)
        yield from self._load(events, ready_t)
        yield from self._files()

    def _load(self, events: tuple[Event, ...], ready_t: float) -> Iterator[Happened]:
        load = self._finder.find(LOAD)
        state = load.state if load else "gone"
        if state not in ("running", self._load_state):
            yield Happened(
                kind="load_interfered", detail={"what": f"the load generator is {state}", "name": LOAD}
            )
        self._load_state = state
        if load and self._restarted(load, events, "load_interfered", ready_t):
            what = "the load generator was restarted"
            yield Happened(
                kind="load_interfered", detail={"what": what, "name": LOAD, "started_t": load.started_t}
            )

    @staticmethod
    def _restarted(service: Service, events: Iterable[Event], kind: str, ready_t: float) -> bool:
        if service.started_t <= ready_t + START_SLACK_S:
            return False
        known = (
            e.detail.get("started_t")
            for e in events
            if e.kind == kind and e.detail.get("name") == service.name
        )
        return service.started_t not in known

    def _files(self) -> Iterator[Happened]:
        for name in LOAD_FILES:
            path = self._load_dir / name
            size, tail = self._ends.get(name, (0, b""))
            now = path.stat().st_size if path.exists() else 0
            what = "shrank" if now < size else "was written over" if _end(path, size) != tail else ""
            if what:
                yield Happened(kind="load_interfered", detail={"what": f"{name} {what}", "name": name})
            self._ends[name] = (now, _end(path, now))


def _end(path: Path, size: int) -> bytes:
    """The last of a file's first bytes."""
    if not size:
        return b""
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL_BYTES))
        return file.read(min(size, TAIL_BYTES))
