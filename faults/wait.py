"""The one polling loop of the project, and the clock it runs on."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from faults.errors import NotReached

T = TypeVar("T")


class Clock(Protocol):
    """Seconds on a monotonic clock, and a way to let them pass."""

    def now_s(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block for *seconds*."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()


def until(
    read: Callable[[], T | None],
    *,
    what: str,
    timeout_s: float,
    every_s: float = 0.25,
    clock: Clock = SYSTEM_CLOCK,
    ignore: tuple[type[Exception], ...] = (),
) -> T:
    """Return the first non-None reading.

    Raises NotReached on time-out, naming *what*, the seconds waited and the last error seen.
    """
    deadline = clock.now_s() + timeout_s
    last = "nothing yet"
    while True:
        try:
            value = read()
        except ignore as error:
            last = f"{type(error).__name__}: {error}"
        else:
            if value is not None:
                return value
        if clock.now_s() >= deadline:
            raise NotReached(f"{what}: not reached in {timeout_s:g} s (last: {last})")
        clock.sleep(every_s)
