"""A pod small enough to test the controller with: says who it is, gets ready late, dies when told to."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SICK = threading.Event()
BORN = time.monotonic()
READY_AFTER_S = float(os.environ.get("READY_AFTER_S", "0.5"))


def say(line: str) -> None:
    """Write a line of the log."""
    print(line, flush=True)  # noqa: T201


class Pod(BaseHTTPRequestHandler):
    """Paths: /health/ready, /die, /sick (not ready from then on), /eat (memory), /slow, others."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer; what is asked is printed, but for probes."""
        if self.path != "/health/ready":
            say(f"GET {self.path}")
        if self.path == "/die":
            os._exit(3)
        if self.path == "/eat":
            eaten = []
            while True:
                eaten.append(bytearray(8 * 2**20))
        if self.path == "/slow":
            time.sleep(2)
        if self.path == "/sick":
            SICK.set()
        unready = SICK.is_set() or time.monotonic() - BORN < READY_AFTER_S
        late = self.path == "/health/ready" and unready
        body = os.environ["POD_NAME"].encode()
        self.send_response(503 if late else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet: no second line for each request."""


class Server(ThreadingHTTPServer):
    """Its log has what was asked, and nothing of clients that leave early, as those who probe do."""

    def handle_error(self, *_: object) -> None:
        """Keep quiet."""


say(f"started {os.environ['POD_NAME']}")
Server(("", 8080), Pod).serve_forever()
