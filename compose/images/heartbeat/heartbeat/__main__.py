"""Start the threads and serve their numbers."""

import logging
import os
import signal
import threading

from prometheus_client import CollectorRegistry, start_http_server

from heartbeat.config import read_config
from heartbeat.metrics import Pulses
from heartbeat.pulse import Pulse, start


def main() -> None:
    """Run until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    config = read_config(os.environ)
    pulses = [Pulse(node=node, writes=False) for node in config.nodes]
    pulses += [Pulse(node=node, writes=True) for node in config.nodes if node.role == "source"]
    for pulse in pulses:
        start(pulse, password=config.password, interval_s=config.interval_s)
    registry = CollectorRegistry()
    registry.register(Pulses(pulses))
    start_http_server(config.metrics_port, registry=registry)
    stop.wait()


main()
