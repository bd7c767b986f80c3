"""A pod small enough to test the controller with: says who it is, gets ready late, dies when told to."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SICK = threading.Event()
BORN = time.monotonic()
READY_AFTER_S = float(os.environ.get("READY_AFTER_S", "0.5"))


class Pod(BaseHTTPRequestHandler):
    """Paths: /health/ready, /die, /sick (not ready from then on), /eat (memory, until killed), all others."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/die":
            os._exit(3)
        if self.path == "/eat":
            eaten = []
            while True:
                eaten.append(bytearray(8 * 2**20))
        if self.path == "/slow":
            time.sleep(1)
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
        """Keep quiet."""


ThreadingHTTPServer(("", 8080), Pod).serve_forever()
