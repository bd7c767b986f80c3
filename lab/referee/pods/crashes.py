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
    def wait_s(self) -> float:
        """How long after it the next start may be."""
        return BACKOFF_S[min(self.count, len(BACKOFF_S)) - 1]

    @property
    def retry_t(self) -> float:
        """The earliest time of the next start."""
        return self.t + self.wait_s


class Crashes:
    """The crashes of all pods, by name."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._crashes: dict[str, Crash] = {}
        self._waits_s: dict[str, float] = {}

    def back_off_s(self, pod: str) -> float:
        """How long a pod that ended waits before it is started again; 0 where it does not."""
        crash = self._crashes.get(pod)
        return self._waits_s.get(pod, 0.0) if crash is not None and self._now() < crash.retry_t else 0.0

    def due(self, pod: str) -> bool:
        """Whether a pod that is seen to have ended is to be started now; that start counts as done."""
        now = self._now()
        crash = self._crashes.get(pod)
        if crash is None or now - crash.t > MEMORY_S:
            crash = Crash(count=1, t=now)
        due = now >= crash.retry_t
        self._waits_s[pod] = crash.wait_s
        # The next crash of this pod, should there be one, waits longer.
        self._crashes[pod] = Crash(count=crash.count + 1, t=now) if due else crash
        return due
