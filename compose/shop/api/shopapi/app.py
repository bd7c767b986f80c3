"""The application: its parts, put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from shopapi.accounts import Accounts
from shopapi.cache import Cache
from shopapi.carts import Carts
from shopapi.catalogue import Catalogue
from shopapi.database import Database
from shopapi.frame import Frame
from shopapi.health import Health
from shopapi.orders import Orders
from shopapi.pay import Pay
from shopapi.sessions import Sessions
from shopapi.settings import Settings

_log = logging.getLogger(__name__)

_REDIS_TIMEOUT_S = 1.0


def build(settings: Settings) -> Starlette:
    """One pod's application."""
    redis = Redis.from_url(
        settings.redis_url, socket_timeout=_REDIS_TIMEOUT_S, socket_connect_timeout=_REDIS_TIMEOUT_S
    )
    database, sessions, pay = Database(settings), Sessions(redis), Pay(settings.pay_url)
    catalogue = Catalogue(database, Cache(redis))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        _log.info("release %s starts as %s", settings.release, settings.pod_name)
        warming = asyncio.create_task(catalogue.warm())
        yield
        warming.cancel()
        await pay.close()
        await redis.aclose()

    accounts, carts = Accounts(database, sessions), Carts(sessions, catalogue)
    orders = Orders(database, sessions, catalogue, pay)
    health = Health(ready_after_s=settings.ready_after_s)
    return Starlette(
        lifespan=lifespan,
        middleware=[Middleware(Frame, release=settings.release)],
        routes=[
            Route("/products", catalogue.page),
            Route("/products/{product_id:int}", catalogue.one),
            Route("/register", accounts.register, methods=["POST"]),
            Route("/login", accounts.login, methods=["POST"]),
            Route("/cart/items", carts.add, methods=["POST"]),
            Route("/cart", carts.show),
            Route("/checkout", orders.checkout, methods=["POST"]),
            Route("/orders", orders.history),
            Route("/health/live", health.live),
            Route("/health/ready", health.ready),
            Route("/metrics", health.metrics),
        ],
    )
