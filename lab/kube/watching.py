"""Streams of changes: replay of what there is, then what happens, with selectors applied to both."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from lab.kube.calls import Call, whole
from lab.kube.errors import ApiError
from lab.kube.objects import Change, Objects
from lab.kube.tables import table, wants_table

Json = dict[str, Any]

BOOKMARK_S = 55.0
BOOKMARK_END = {"k8s.io/initial-events-end": "true"}


class Watch:
    """One client that follows one kind's objects."""

    def __init__(self, objects: Objects, call: Call, *, now: Callable[[], float]) -> None:
        self._objects = objects
        self._call = call
        self._now = now
        self._table = wants_table(call.accept)

    async def lines(self) -> AsyncIterator[bytes]:
        """The stream, one JSON object a line; ends at the client's limit or when history is too old."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def told() -> None:
            loop.call_soon_threadsafe(changed.set)

        stop = self._objects.listen(told)
        limit_s = whole(self._call.query, "timeoutSeconds")
        end_at = loop.time() + limit_s if limit_s else None
        try:
            version, first = self._start()
            for line in first:
                yield line
            while end_at is None or loop.time() < end_at:
                changed.clear()
                try:
                    changes = self._objects.since(version)
                except ApiError as error:
                    yield self._line("ERROR", error.status, plain=True)
                    return
                for change in changes:
                    version = change.version
                    for line in self._of(change):
                        yield line
                if not await self._wait(changed, end_at, loop) and self._bookmarks:
                    yield self._bookmark(version)
        finally:
            stop()

    @staticmethod
    async def _wait(changed: asyncio.Event, end_at: float | None, loop: asyncio.AbstractEventLoop) -> bool:
        left_s = BOOKMARK_S if end_at is None else min(BOOKMARK_S, max(0.01, end_at - loop.time()))
        try:
            await asyncio.wait_for(changed.wait(), left_s)
        except TimeoutError:
            return False
        return True

    @property
    def _bookmarks(self) -> bool:
        return self._call.query.get("allowWatchBookmarks") == "true"

    def _start(self) -> tuple[int, Iterable[bytes]]:
        """The version to follow from, and what is replayed first."""
        asked = whole(self._call.query, "resourceVersion") if self._call.query.get("resourceVersion") else 0
        initial = self._call.query.get("sendInitialEvents") == "true"
        if asked and not initial:
            return asked, ()
        things, version = self._objects.every(self._call.kind)
        lines = [self._line("ADDED", thing) for thing in things if self._call.selector.matches(thing)]
        if initial:
            lines.append(self._bookmark(version, end=True))
        return version, lines

    def _of(self, change: Change) -> Iterable[bytes]:
        """What this client is told of a change: an object that leaves its selector is deleted for it."""
        if change.kind is not self._call.kind:
            return
        selector = self._call.selector
        fits = selector.matches(change.object)
        fitted = change.was is not None and selector.matches(change.was)
        if change.type == "DELETED":
            if fitted:
                yield self._line("DELETED", change.object)
        elif fits:
            yield self._line("MODIFIED" if fitted else "ADDED", change.object)
        elif fitted:
            yield self._line("DELETED", change.object)

    def _bookmark(self, version: int, *, end: bool = False) -> bytes:
        metadata: Json = {"resourceVersion": str(version), "creationTimestamp": None}
        if end:
            metadata["annotations"] = BOOKMARK_END
        kind = self._call.kind
        thing = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
        return self._line("BOOKMARK", thing, plain=True)

    def _line(self, type_: str, thing: Json, *, plain: bool = False) -> bytes:
        if self._table and not plain:
            version = int(thing["metadata"]["resourceVersion"])
            whole_row = self._call.query.get("includeObject") == "Object"
            thing = table(self._call.kind, [thing], now_t=self._now(), version=version, whole=whole_row)
        return json.dumps({"type": type_, "object": thing}, separators=(",", ":")).encode() + b"\n"
