"""How often pods ended by themselves lately, and when each may start again: later each time."""

from collections.abc import Callable
from dataclasses import dataclass

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# A pod that ran this long is no longer in a crash loop.
MEMORY_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Crash:
    """How often a pod has crashed lately; *t*: since when it is down, or once that is over, up again."""

    count: int
    t: float
    over: bool = False

    @property
    def wait_s(self) -> float:
        """How long after its end the next start may be."""
        return BACKOFF_S[min(self.count, len(BACKOFF_S)) - 1]

    @property
    def retry_t(self) -> float:
        """The earliest time of the next start."""
        return self.t + self.wait_s


class Crashes:
    """The crashes of all pods, by name.

    The wait counts from the end of the container, as the kubelet's does: a pod that ran for longer than
    its wait backs off all the same.
    """

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._crashes: dict[str, Crash] = {}

    def back_off_s(self, pod: str) -> float:
        """How long a pod that ended waits before it is started again; 0 where it does not."""
        crash = self._crashes.get(pod)
        return crash.wait_s if crash is not None and not crash.over else 0.0

    def due(self, pod: str) -> bool:
        """Whether a pod that is seen to have ended is to be started now; that start counts as done."""
        now = self._now()
        crash = self._crashes.get(pod)
        if crash is None or crash.over:
            crash = self._next(crash, now)
        due = now >= crash.retry_t
        self._crashes[pod] = Crash(count=crash.count, t=now, over=True) if due else crash
        return due

    @staticmethod
    def _next(last: Crash | None, now: float) -> Crash:
        lately = last is not None and now - last.t <= MEMORY_S
        return Crash(count=last.count + 1 if last is not None and lately else 1, t=now)
