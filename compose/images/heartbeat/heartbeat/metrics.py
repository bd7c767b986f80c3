"""What Prometheus is told, worked out when it asks."""

import time
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from heartbeat.pulse import Pulse

LABELS = ("engine", "node", "role")


class Pulses(Collector):
    """Ages grow between two answers; a node never heard of is infinitely old, not absent."""

    def __init__(self, pulses: Sequence[Pulse]) -> None:
        self._pulses = tuple(pulses)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The three families."""
        now = time.time()
        readers = [pulse for pulse in self._pulses if not pulse.writes]
        writers = [pulse for pulse in self._pulses if pulse.writes]
        yield _family(
            "heartbeat_age_seconds",
            "Age of the newest heartbeat seen at the node.",
            ((pulse, pulse.age_s(now)) for pulse in readers),
        )
        yield _family(
            "heartbeat_up",
            "1 if the node answered the reader within the last two seconds.",
            ((pulse, float(pulse.up(now))) for pulse in readers),
        )
        yield _family(
            "heartbeat_write_up",
            "1 if the source took a heartbeat within the last two seconds.",
            ((pulse, float(pulse.up(now))) for pulse in writers),
        )


def _family(name: str, said: str, values: Iterable[tuple[Pulse, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=LABELS)
    for pulse, value in values:
        family.add_metric((pulse.node.engine, pulse.node.name, pulse.node.role), value)
    return family
