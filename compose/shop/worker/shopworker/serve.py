"""Liveness and metrics over HTTP."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shopworker.metrics import REGISTRY


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """GET /health/live and /metrics"""
        if self.path == "/health/live":
            self._answer(200, "application/json", b'{"live":true}')
        elif self.path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
        else:
            self._answer(404, "application/json", b'{"error":"not_found"}')

    def log_message(self, *_: object) -> None:
        """A scrape a second is no news."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(port: int) -> None:
    """Answer from a thread of its own, so that a worker that waits still answers."""
    server = ThreadingHTTPServer(("0.0.0.0", port), _Handler)  # noqa: S104 - the lab's own network only
    Thread(target=server.serve_forever, name="http", daemon=True).start()
