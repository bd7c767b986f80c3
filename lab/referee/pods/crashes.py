"""How often pods ended by themselves lately, and when each may start again: later each time."""

from collections.abc import Callable
from dataclasses import dataclass

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# A pod that ran this long is no longer in a crash loop.
MEMORY_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Crash:
    """How often a pod has crashed lately, and when it did last."""

    count: int
    t: float

    @property
    def retry_t(self) -> float:
        """The earliest time of the next start."""
        return self.t + BACKOFF_S[min(self.count, len(BACKOFF_S)) - 1]


class Crashes:
    """The crashes of all pods, by name."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._crashes: dict[str, Crash] = {}

    def backing_off(self, pod: str) -> bool:
        """Whether a pod that ended waits before it is started again."""
        crash = self._crashes.get(pod)
        return crash is not None and self._now() < crash.retry_t

    def due(self, pod: str) -> bool:
        """Whether a pod that is seen to have ended is to be started now; that start counts as done."""
        now = self._now()
        crash = self._crashes.get(pod)
        if crash is None or now - crash.t > MEMORY_S:
            crash = Crash(count=1, t=now)
        due = now >= crash.retry_t
        # The next crash of this pod, should there be one, waits longer.
        self._crashes[pod] = Crash(count=crash.count + 1, t=now) if due else crash
        return due
