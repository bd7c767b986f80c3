"""What the worker tells Prometheus. The stream's own numbers are asked of Redis at each scrape."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from shopworker.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

# Twice the series for nothing that a query asks for.
disable_created_metrics()

REGISTRY = CollectorRegistry()

HANDLED = Counter("shop_worker_handled", "Messages done.", registry=REGISTRY)
RETRIES = Counter("shop_worker_retries", "Messages tried again, by why.", ("reason",), registry=REGISTRY)
DEAD_LETTERS = Counter("shop_worker_dead_letters", "Messages given up.", registry=REGISTRY)
FOUND = Counter("shop_worker_found", "Orders shipped that no message told of.", registry=REGISTRY)

for _reason in ("away", "refused"):
    RETRIES.labels(_reason)


class StreamNumbers(Collector):
    """Depth and age of the stream, over a connection of its own; silent while Redis is."""

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self._redis = redis
        self._stream = settings.stream
        self._group = settings.group
        self._dead = settings.dead_letters

    def describe(self) -> list[Metric]:
        """Nothing: what is told is known when it is asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Entries in hand and not yet delivered, the oldest one's age, and what was given up in all."""
        try:
            groups = self._redis.xinfo_groups(self._stream)
            length, dead = self._redis.xlen(self._stream), self._redis.xlen(self._dead)
            first = self._redis.xrange(self._stream, count=1)
        except RedisError:
            return
        pending = next((int(group["pending"]) for group in groups if group["name"] == self._group), 0)
        depth = GaugeMetricFamily("shop_worker_stream_depth", "Entries still to do.", labels=("state",))
        depth.add_metric(("pending",), pending)
        depth.add_metric(("undelivered",), max(0, length - pending))
        yield depth
        oldest_s = max(0.0, time.time() - int(str(first[0][0]).partition("-")[0]) / 1000) if first else 0.0
        yield GaugeMetricFamily("shop_worker_oldest_age_seconds", "Age of the oldest.", oldest_s)
        yield GaugeMetricFamily("shop_worker_dead_letter_depth", "Dead letters kept.", dead)
