"""Run one pod until it is told to stop."""

import logging
import os
import sys
import time

import uvicorn

from shopapi.app import build
from shopapi.settings import Settings

_PORT = 8080
_GRACE_S = 2
# The balancer keeps connections to the pod for reuse; it must be the one to close them.
_KEEP_ALIVE_S = 75


def main() -> None:
    """Serve; on SIGTERM finish the requests in flight, for two seconds at most."""
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        build(Settings.from_env(os.environ)),
        host="0.0.0.0",  # noqa: S104 - a pod is reached from the lab's own network only
        port=_PORT,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=_KEEP_ALIVE_S,
    )
    logging.shutdown()
    # A thread that waits for a hung database would hold the interpreter's own exit up.
    os._exit(0)


if __name__ == "__main__":
    main()
