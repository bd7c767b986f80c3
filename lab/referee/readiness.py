"""What a lab needs before its users may come, asked one by one."""

import threading
from collections.abc import Callable, Mapping, Sequence

RETRY_S = 0.3


class Readiness:
    """Named checks; each is asked until it says yes once."""

    def __init__(self, checks: Mapping[str, Callable[[], bool]]) -> None:
        self._checks = dict(checks)
        self._missing: tuple[str, ...] = tuple(checks)
        self._ready: tuple[str, ...] = ()

    @property
    def waiting_for(self) -> Sequence[str]:
        """What was not there yet when it was last asked."""
        return self._missing

    @property
    def ready(self) -> Sequence[str]:
        """What said yes, as it came."""
        return self._ready

    def run(self, stop: threading.Event) -> None:
        """Ask until nothing is missing."""
        while self._missing and not stop.is_set():
            asked = self._missing
            self._missing = tuple(name for name in asked if not self._checks[name]())
            self._ready += tuple(name for name in asked if name not in self._missing)
            stop.wait(RETRY_S)
