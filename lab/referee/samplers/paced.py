"""Takes readings at their own pace, each in a thread of its own: one that is slow delays no other."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.history.records import Reading
from lab.referee.errors import EngineTrouble, SampleError

OVERDUE_PACES = 2.0
"""One that has not come for so many of its paces is written down as missing, while it is still waited for."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A number; *said* is why it is what it is, where that is worth a word."""

    value: float
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A reading to be taken: *take* gives its answer, or raises SampleError or EngineTrouble."""

    name: str
    every_s: float
    take: Callable[[], Answer]


class Paced:
    """Collects what its threads read, to be handed out once."""

    def __init__(self, taken: Sequence[Taken], *, now: Callable[[], float]) -> None:
        self._taken = tuple(taken)
        self._now = now
        self._lock = threading.Lock()
        self._came: list[Reading] = []
        self._last_t: dict[str, float] = {}

    def readings(self) -> tuple[Reading, ...]:
        """What came since the last call, and what should have come and did not."""
        with self._lock:
            for one in self._taken:
                self._miss(one)
            came, self._came = self._came, []
        return tuple(came)

    def run(self, stop: threading.Event) -> None:
        """Read until *stop*."""
        threads = [
            threading.Thread(target=self._repeat, args=(one, stop), name=f"reading-{one.name}", daemon=True)
            for one in self._taken
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def take(self, one: Taken) -> None:
        """Take one reading once."""
        with self._lock:
            self._last_t.setdefault(one.name, self._now())
        try:
            answer = one.take()
        except (SampleError, EngineTrouble) as error:
            self._put(one.name, None, str(error))
            return
        # Neither is a number: a ratio of nothing to nothing, and what was never heard.
        if math.isfinite(answer.value):
            self._put(one.name, answer.value, answer.said)
        else:
            self._put(one.name, None, f"{answer.value} is no number")

    def _repeat(self, one: Taken, stop: threading.Event) -> None:
        while not stop.is_set():
            began = self._now()
            self.take(one)
            # At least a beat: a clock that was set back must not keep it from sleeping, nor from waking.
            stop.wait(min(max(0.05, one.every_s - (self._now() - began)), one.every_s))

    def _put(self, name: str, value: float | None, error: str) -> None:
        # Its time is taken under the lock, so that the readings of one name are in the order of time.
        with self._lock:
            self._last_t[name] = self._now()
            self._came.append(Reading(t=self._last_t[name], name=name, value=value, error=error))

    def _miss(self, one: Taken) -> None:
        now = self._now()
        last_t = self._last_t.get(one.name)
        if last_t is not None and now - last_t > OVERDUE_PACES * one.every_s:
            self._last_t[one.name] = now
            error = f"no answer for {now - last_t:.0f} s"
            self._came.append(Reading(t=now, name=one.name, value=None, error=error))
