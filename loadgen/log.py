"""The two logs that the referee reads: one line a request, one line a second."""

from io import TextIOWrapper
from pathlib import Path

from loadgen.schedule import Arrival
from loadgen.words import Outcome

REQUESTS_HEADER = "scheduled,sent,end,route,result,status,burst"
TICKS_HEADER = "t,planned_total,scheduled_total,done_total,inflight,late_ms"


def _opened(path: Path, header: str) -> TextIOWrapper:
    """Open for appending; a load that was restarted goes on in the same file."""
    file = path.open("a", encoding="utf-8")
    if file.tell() == 0:
        file.write(header + "\n")
        file.flush()
    return file


class RequestLog:
    """Appends to requests.csv; `flush` is called by whoever owns the clock."""

    def __init__(self, path: Path) -> None:
        self._file = _opened(path, REQUESTS_HEADER)
        self._lines: list[str] = []

    def finished(self, arrival: Arrival, *, sent: float, end: float, outcome: Outcome) -> None:
        """Note how a request ended. For a dropped one *sent* is the time at which it was given up."""
        self._lines.append(
            f"{arrival.t:.6f},{sent:.6f},{end:.6f},{arrival.route},{outcome.result},{outcome.status},{arrival.burst}\n"
        )

    def flush(self) -> None:
        """Put whole lines, and only whole lines, into the file."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._file.write("".join(lines))
            self._file.flush()

    def close(self) -> None:
        """Flush, and take no more."""
        self.flush()
        self._file.close()


class TickLog:
    """Appends to ticks.csv, a line at each whole second."""

    def __init__(self, path: Path) -> None:
        self._file = _opened(path, TICKS_HEADER)

    def second(
        self, t: float, *, planned: float, scheduled: int, done: int, inflight: int, late_ms: float
    ) -> None:
        """Note the totals up to *t*."""
        self._file.write(f"{t:.0f},{planned:.3f},{scheduled},{done},{inflight},{late_ms:.1f}\n")
        self._file.flush()

    def close(self) -> None:
        """Take no more."""
        self._file.close()
