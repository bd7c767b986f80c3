"""Everything that is written down about arrivals: the logs, the metrics and the totals, kept in step."""

from loadgen.log import RequestLog, TickLog
from loadgen.metrics import Metrics
from loadgen.schedule import Arrival
from loadgen.words import Outcome


class Record:
    """Counts each arrival once when it falls due and once when it is done."""

    def __init__(self, *, requests: RequestLog, ticks: TickLog, metrics: Metrics) -> None:
        self._requests = requests
        self._ticks = ticks
        self._metrics = metrics
        self._scheduled = 0
        self._done = 0
        self._closed = False

    @property
    def inflight(self) -> int:
        """Arrivals that fell due and are not done."""
        return self._scheduled - self._done

    def fell_due(self, arrival: Arrival) -> None:
        """Count an arrival as offered."""
        self._scheduled += 1
        self._metrics.fell_due(arrival.route)

    def finished(self, arrival: Arrival, *, sent: float, end: float, outcome: Outcome) -> None:
        """Count and log how an arrival ended."""
        self._done += 1
        self._metrics.finished(arrival.route, outcome.result, end - arrival.t)
        if not self._closed:
            self._requests.finished(arrival, sent=sent, end=end, outcome=outcome)

    def second(self, t: float, *, planned: float, target_rps: float, late_s: float) -> None:
        """Note the totals at the whole second *t*."""
        self._metrics.second(inflight=self.inflight, target_rps=target_rps, late_s=late_s)
        self._ticks.second(
            t,
            planned=planned,
            scheduled=self._scheduled,
            done=self._done,
            inflight=self.inflight,
            late_ms=late_s * 1000,
        )

    def flush(self) -> None:
        """Let readers see all that is done."""
        self._requests.flush()

    def close(self) -> None:
        """Flush and close; what ends later was not seen."""
        if not self._closed:
            self._closed = True
            self._requests.close()
            self._ticks.close()
