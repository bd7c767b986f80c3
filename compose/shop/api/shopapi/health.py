"""Whether the pod lives, whether it is ready, and its numbers."""

import time
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shopapi.metrics import REGISTRY


class Health:
    """Answers about the pod only: a database that is away must not take the pods out of the balancer."""

    def __init__(self, *, ready_after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ready_at = clock() + ready_after_s

    async def live(self, _: Request) -> JSONResponse:
        """GET /health/live"""
        return JSONResponse({"live": True})

    async def ready(self, _: Request) -> JSONResponse:
        """GET /health/ready"""
        ready = self._clock() >= self._ready_at
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def metrics(self, _: Request) -> Response:
        """GET /metrics"""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
