"""Run the worker until it is told to stop."""

import logging
import os
import signal
import sys
import time
from threading import Event

from shopworker.metrics import REGISTRY, StreamNumbers
from shopworker.orders import Orders
from shopworker.serve import serve
from shopworker.settings import Settings
from shopworker.shipping import Shipping
from shopworker.stream import OrderStream, connect
from shopworker.warehouse import Warehouse
from shopworker.worker import Worker

_SCRAPE_TIMEOUT_S = 0.3


def main() -> None:
    """Work; on SIGTERM finish the message in hand."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    settings, stop = Settings.from_env(os.environ), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    REGISTRY.register(StreamNumbers(connect(settings.redis_url, timeout_s=_SCRAPE_TIMEOUT_S), settings))
    serve(settings.port)
    shipping = Shipping(
        orders=Orders(settings.database_url),
        warehouse=Warehouse(settings.catalogue_url) if settings.catalogue_url else None,
    )
    Worker(settings, OrderStream(connect(settings.redis_url), settings), shipping, stop).run()


if __name__ == "__main__":
    main()
