"""What users saw, for Prometheus. All label values exist from the start, or a first error would be lost."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from loadgen.words import DROPPED, RESULTS, ROUTES

EDGES_S = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0)


class Metrics:
    """The load's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        requests = Counter(
            "loadgen_requests", "Finished requests", ("route", "result"), registry=self.registry
        )
        duration = Histogram(
            "loadgen_request_duration_seconds",
            "From the scheduled start to the answer, or to giving up; dropped ones are not in it",
            ("route",),
            buckets=EDGES_S,
            registry=self.registry,
        )
        scheduled = Counter("loadgen_scheduled", "Arrivals that fell due", ("route",), registry=self.registry)
        self._inflight = Gauge("loadgen_inflight", "Requests under way", registry=self.registry)
        self._target = Gauge(
            "loadgen_target_rps", "Arrivals a second that the plan asks for", registry=self.registry
        )
        self._late = Gauge(
            "loadgen_late_seconds", "Worst lateness of the pacer in the last second", registry=self.registry
        )
        self._requests = {(r, x): requests.labels(r, x) for r in ROUTES for x in RESULTS}
        self._duration = {r: duration.labels(r) for r in ROUTES}
        self._scheduled = {r: scheduled.labels(r) for r in ROUTES}

    def fell_due(self, route: str) -> None:
        """Count an arrival."""
        self._scheduled[route].inc()

    def finished(self, route: str, result: str, duration_s: float) -> None:
        """Count a finished request."""
        self._requests[route, result].inc()
        if result != DROPPED:
            self._duration[route].observe(duration_s)

    def second(self, *, inflight: int, target_rps: float, late_s: float) -> None:
        """Set what is measured once a second."""
        self._inflight.set(inflight)
        self._target.set(target_rps)
        self._late.set(late_s)
