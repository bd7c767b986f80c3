"""The cluster's events: what happened to which object, the same thing counted instead of repeated."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.kube.kinds import Kind
from lab.referee.cluster.meta import NAMESPACE, thing, uid_of

Json = dict[str, Any]

KEPT = 400


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


class Book:
    """All that has happened lately. Thread-safe."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: dict[tuple[str, str, str], Entry] = {}
        self._lock = threading.Lock()

    def add(
        self,
        about: About,
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        t: float | None = None,
    ) -> None:
        """Write something down; *t*: when it was, where that is not now."""
        t = self._now() if t is None else t
        key = (about.uid, reason, message)
        with self._lock:
            was = self._entries.pop(key, None)
            self._entries[key] = (
                replace(was, last_t=t, count=was.count + 1)
                if was
                else Entry(
                    about=about,
                    reason=reason,
                    message=message,
                    component=component,
                    warning=warning,
                    first_t=t,
                    last_t=t,
                )
            )
            while len(self._entries) > KEPT:
                self._entries.pop(next(iter(self._entries)))

    def objects(self) -> list[Json]:
        """The Event objects."""
        with self._lock:
            entries = list(self._entries.items())
        return [_event(key, entry) for key, entry in entries]


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
