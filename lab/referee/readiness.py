"""What a lab needs before its users may come, asked one by one."""

import threading
from collections.abc import Callable, Mapping, Sequence

RETRY_S = 0.3


class Readiness:
    """Named checks; each is asked until it says yes once."""

    def __init__(self, checks: Mapping[str, Callable[[], bool]]) -> None:
        self._checks = dict(checks)
        self._missing: tuple[str, ...] = tuple(checks)

    @property
    def waiting_for(self) -> Sequence[str]:
        """What was not there yet when it was last asked."""
        return self._missing

    def run(self, stop: threading.Event) -> None:
        """Ask until nothing is missing."""
        while self._missing and not stop.is_set():
            self._missing = tuple(name for name in self._missing if not self._checks[name]())
            stop.wait(RETRY_S)
