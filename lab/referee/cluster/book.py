"""The cluster's events: what happened to which object, the same thing counted instead of repeated."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.kube.kinds import Kind
from lab.referee.cluster.memory import Memory
from lab.referee.cluster.meta import NAMESPACE, thing, uid_of

Json = dict[str, Any]

KEPT = 400
EVENTS = "events"


@dataclass(frozen=True, kw_only=True)
class About:
    """The object that something happened to."""

    kind: Kind
    name: str
    uid: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened, *count* times between two instants."""

    about: About
    reason: str
    message: str
    component: str
    warning: bool
    first_t: float
    last_t: float
    count: int = 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same thing when it happens again."""
        return (self.about.uid, self.reason, self.message)


class Book:
    """All that has happened lately. Thread-safe, but for *memory*: that is the thread's that calls `keep`."""

    def __init__(self, *, now: Callable[[], float], memory: Memory | None = None) -> None:
        self._now = now
        self.memory = memory or Memory()
        self._entries: dict[tuple[str, str, str], Entry] = {}
        self._changed = False
        self._lock = threading.Lock()
        for entry in map(_entry, self.memory.get(EVENTS) or ()):
            self._entries[entry.key] = entry

    def add(
        self,
        about: About,
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        t: float | None = None,
        once: bool = False,
    ) -> None:
        """Write something down; *t*: when it was, where that is not now. *once*: it happens once at most."""
        t = self._now() if t is None else t
        new = Entry(
            about=about,
            reason=reason,
            message=message,
            component=component,
            warning=warning,
            first_t=t,
            last_t=t,
        )
        with self._lock:
            if once and new.key in self._entries:
                return
            self._changed = True
            was = self._entries.pop(new.key, None)
            self._entries[new.key] = replace(was, last_t=t, count=was.count + 1) if was else new
            while len(self._entries) > KEPT:
                self._entries.pop(next(iter(self._entries)))

    def objects(self) -> list[Json]:
        """The Event objects."""
        with self._lock:
            entries = list(self._entries.items())
        return [_event(key, entry) for key, entry in entries]

    def keep(self) -> None:
        """Have all of it on disk, and what else is in its memory."""
        with self._lock:
            entries = list(self._entries.values()) if self._changed else None
            self._changed = False
        if entries is not None:
            self.memory.put(EVENTS, [_raw(entry) for entry in entries])
        self.memory.save()


def _raw(entry: Entry) -> Json:
    return {**vars(entry), "about": {**vars(entry.about), "kind": entry.about.kind.plural}}


def _entry(raw: Json) -> Entry:
    about = raw["about"]
    kind = next(one for one in kinds.KINDS if one.plural == about["kind"])
    return Entry(**{**raw, "about": About(**{**about, "kind": kind})})


def _event(key: tuple[str, str, str], entry: Entry) -> Json:
    uid = uid_of("event", *key)
    about = entry.about
    involved = {"kind": about.kind.kind, "name": about.name, "uid": about.uid}
    involved["apiVersion"] = about.kind.api_version
    if about.kind.namespaced:
        involved["namespace"] = NAMESPACE
    return {
        **thing(kinds.EVENTS, f"{about.name}.{uid[:16].replace('-', '')}", uid=uid, created_t=entry.first_t),
        "involvedObject": involved,
        "reason": entry.reason,
        "message": entry.message,
        "source": {"component": entry.component},
        "reportingComponent": entry.component,
        "reportingInstance": "",
        "firstTimestamp": stamp(entry.first_t),
        "lastTimestamp": stamp(entry.last_t),
        "count": entry.count,
        "type": "Warning" if entry.warning else "Normal",
    }
