"""All objects, by kind, with versions that only grow, and the changes that watchers follow. Thread-safe."""

import copy
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lab.kube.errors import ApiError, not_found
from lab.kube.kinds import Kind

Json = dict[str, Any]

KEPT_CHANGES = 4096


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that happened to one object: ADDED, MODIFIED or DELETED; *was*: the object before."""

    version: int
    kind: Kind
    type: str
    object: Json
    was: Json | None


class Objects:
    """What there is. *first_version* must grow from one start of the server to the next."""

    def __init__(self, *, first_version: int) -> None:
        self._version = itertools.count(first_version + 1)
        self._first = self._last = first_version
        self._objects: dict[Kind, dict[str, Json]] = {}
        self._changes: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._lock = threading.RLock()
        self._listeners: set[Callable[[], None]] = set()

    @property
    def version(self) -> int:
        """The version of the last change."""
        with self._lock:
            return self._last

    @property
    def watchers(self) -> int:
        """How many follow the changes now."""
        with self._lock:
            return len(self._listeners)

    def every(self, kind: Kind) -> tuple[list[Json], int]:
        """All objects of a kind by name, and the version at which that was so."""
        with self._lock:
            found = self._objects.get(kind, {})
            return [found[name] for name in sorted(found)], self._last

    def get(self, kind: Kind, name: str) -> Json:
        """One object; raises the API's 404."""
        with self._lock:
            found = self._objects.get(kind, {}).get(name)
        if found is None:
            raise not_found(kind, name)
        return found

    def sync(self, kind: Kind, wanted: Iterable[Json]) -> None:
        """Make the objects of a kind these; what has not changed keeps its version and tells nobody."""
        with self._lock:
            present = self._objects.setdefault(kind, {})
            names = set()
            told = False
            for thing in wanted:
                names.add(thing["metadata"]["name"])
                told |= self._put(kind, present, thing)
            for name in sorted(present.keys() - names):
                self._remove(kind, present, name)
                told = True
        if told:
            self._tell()

    def since(self, version: int) -> list[Change]:
        """The changes after a version; raises 410 where they are no longer known."""
        with self._lock:
            forgot = len(self._changes) == KEPT_CHANGES and version < self._changes[0].version - 1
            if forgot or version < self._first:  # what came before this process nobody knows
                raise ApiError(410, f"too old resource version: {version} ({self._last})")
            return [change for change in self._changes if change.version > version]

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call *listener* after each change, from whatever thread; returns what stops that."""
        with self._lock:
            self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _put(self, kind: Kind, present: dict[str, Json], thing: Json) -> bool:
        name = thing["metadata"]["name"]
        was = present.get(name)
        if was is not None and was["metadata"]["uid"] != thing["metadata"]["uid"]:
            self._remove(kind, present, name)
            was = None
        if was is not None and _same(was, thing):
            return False
        new = copy.deepcopy(thing)
        new["metadata"]["resourceVersion"] = str(self._step())
        present[name] = new
        self._note(kind, "ADDED" if was is None else "MODIFIED", new, was)
        return True

    def _remove(self, kind: Kind, present: dict[str, Json], name: str) -> None:
        was = present.pop(name)
        gone = {**was, "metadata": {**was["metadata"], "resourceVersion": str(self._step())}}
        self._note(kind, "DELETED", gone, was)

    def _step(self) -> int:
        self._last = next(self._version)
        return self._last

    def _note(self, kind: Kind, type_: str, thing: Json, was: Json | None) -> None:
        self._changes.append(Change(version=self._last, kind=kind, type=type_, object=thing, was=was))

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _same(was: Json, now: Json) -> bool:
    """Whether two objects differ in nothing but their version."""
    meta = {**was["metadata"]}
    meta.pop("resourceVersion", None)
    now_meta = {**now["metadata"]}
    now_meta.pop("resourceVersion", None)
    return meta == now_meta and all(
        was.get(key) == now.get(key) for key in (was.keys() | now.keys()) - {"metadata"}
    )
