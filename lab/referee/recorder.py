"""The one way into the journal: thread-safe; keeps the timeline's state and a recent tail in memory."""

import contextlib
import errno
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from lab.history.records import Event, LoadSecond, Reading, Record
from lab.referee.timeline import State, fold

LOG = logging.getLogger("referee")


class Journal(Protocol):
    """What the recorder needs of a journal."""

    @property
    def records(self) -> tuple[Record, ...]: ...
    def append(self, record: Record, *, durable: bool) -> None: ...
    def flush(self) -> None: ...


def is_full(error: OSError) -> bool:
    """Whether it says that a disk has no room left, or no more for us."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Recorder:
    """Appends events (on disk when it returns) and samples (on disk at the next `flush`).

    After the run's `ended` nothing is taken any more: the history that was judged stays as it was. Where the
    journal cannot be written, the run ends there: *make_room* is called, and whatever can be is written down.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        now: Callable[[], float],
        keep_s: float,
        make_room: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._make_room = make_room
        self._now = now
        self._keep_s = keep_s
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._samples: deque[LoadSecond | Reading] = deque()
        self._values: dict[str, Reading] = {}
        self._state = State()
        self._unwritten: tuple[Event, ...] = ()
        self.last_load_t: float | None = None
        for record in journal.records:
            self._remember(record)

    @property
    def state(self) -> State:
        """Where the timeline is."""
        return self._state

    @property
    def over(self) -> bool:
        """Whether the run has ended."""
        return self._state.ended_t is not None

    @property
    def unwritten(self) -> tuple[Event, ...]:
        """How the run was stopped, where even that could not be written down."""
        return self._unwritten

    def events(self, *kinds: str) -> tuple[Event, ...]:
        """All events so far, or those of these kinds."""
        with self._lock:
            return tuple(e for e in self._events if not kinds or e.kind in kinds)

    def tail(self, *, since_t: float) -> tuple[Record, ...]:
        """All events, and the samples of the last while, none older than *since_t*."""
        with self._lock:
            return (*self._events, *(sample for sample in self._samples if sample.t >= since_t))

    def seconds(self, *, last_s: int) -> tuple[LoadSecond, ...]:
        """The last load seconds."""
        with self._lock:
            found = [sample for sample in self._samples if isinstance(sample, LoadSecond)]
        return tuple(found[-last_s:])

    def last_value(self, name: str) -> float | None:
        """The last value that was read under this name."""
        last = self.last_reading(name)
        return last.value if last else None

    def last_reading(self, name: str) -> Reading | None:
        """The last reading of this name that had a value."""
        return self._values.get(name)

    def event(
        self, kind: str, detail: Mapping[str, Any] | None = None, *, t: float | None = None
    ) -> Event | None:
        """Record that something happened at *t* (default: now); None once the run is over."""
        with self._lock:
            if self.over:
                return None
            event = Event(t=self._now() if t is None else t, kind=kind, detail=dict(detail or {}))
            try:
                self._journal.append(event, durable=True)
            except OSError as error:
                self.stop(error)
                return None
            self._remember(event)
            return event

    def samples(self, samples: Iterable[LoadSecond | Reading]) -> None:
        """Record samples."""
        with self._lock:
            if self.over:
                return
            for sample in samples:
                self._journal.append(sample, durable=False)
                self._remember(sample)

    def flush(self) -> None:
        """Bring what was recorded to disk."""
        with self._lock:
            try:
                self._journal.flush()
            except OSError as error:
                self.stop(error)

    def stop(self, error: OSError) -> None:
        """End the run, for nothing more can be written down; what is there is kept, and says why."""
        with self._lock:
            if self.over:
                return
            LOG.critical("the run ends here, its record cannot be written: %s", error)
            with contextlib.suppress(OSError):
                self._make_room()
            why = error.strerror or str(error)
            self._close(
                Event(t=self._now(), kind="record_stopped", detail={"why": why}),
                Event(t=self._now(), kind="ended", detail={"why": f"its record cannot be written: {why}"}),
            )

    def _close(self, *last: Event) -> None:
        """Write the last events, and what waited before them; what cannot be written is remembered alone."""
        try:
            for event in last:
                self._journal.append(event, durable=False)
            self._journal.flush()
        except OSError:
            self._unwritten = last
        for event in last:
            self._remember(event)

    def _remember(self, record: Record) -> None:
        if isinstance(record, Event):
            self._events.append(record)
            self._state = fold(self._state, record)
            return
        if isinstance(record, LoadSecond):
            self.last_load_t = record.t
        elif record.value is not None:
            self._values[record.name] = record
        self._samples.append(record)
        while self._samples and self._samples[0].t < record.t - self._keep_s:
            self._samples.popleft()
