"""What surrounds every request: its id, its errors as answers, its numbers, its line in the log."""

import logging
import time
import uuid

from redis.exceptions import RedisError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopapi import metrics
from shopapi.context import begin_request
from shopapi.errors import SessionsFailed, ShopError

_log = logging.getLogger(__name__)

_ROUTES = {"products": "browse", "orders": "history"}


class Frame:
    """ASGI middleware; plain ASGI, for it runs on every request."""

    def __init__(self, app: ASGIApp, *, release: str) -> None:
        self._app = app
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        own_id = uuid.uuid4().hex
        begin_request(own_id)
        # The caller's id is for the logs. Nothing may depend on it: callers may send the same one twice.
        request_id = Headers(scope=scope).get("x-request-id", "")[:64] or own_id
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Release"], headers["X-Request-Id"] = self._release, request_id
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:  # The last resort: every request gets an answer.
            answer = _shop_error(error)
            _log_failed(scope, request_id, answer, time.perf_counter() - started)
            if status:
                raise
            await JSONResponse({"error": answer.code}, answer.status)(scope, receive, send_marked)
        self._count(scope, status, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        route = _route(scope["path"])
        if route in metrics.ROUTES:
            metrics.REQUESTS.labels(route, scope["method"], str(status), self._release).inc()
            metrics.DURATION.labels(route, self._release).observe(took_s)


def _shop_error(error: Exception) -> ShopError:
    if isinstance(error, ShopError):
        return error
    if isinstance(error, RedisError):
        return SessionsFailed(f"redis: {error}")
    _log.error("unexpected", exc_info=error)
    return ShopError(f"{type(error).__name__}: {error}")


def _log_failed(scope: Scope, request_id: str, error: ShopError, took_s: float) -> None:
    if error.status >= 500:
        _log.error(
            "request failed method=%s path=%s status=%d error=%s took_ms=%.0f request_id=%s: %s",
            scope["method"],
            scope["path"],
            error.status,
            error.code,
            took_s * 1000,
            request_id,
            error,
        )


def _route(path: str) -> str:
    first = path.split("/", 2)[1]
    return _ROUTES.get(first, first)
