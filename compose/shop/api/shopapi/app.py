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
from shopapi.catalogue import IN_ORDERS, IN_WAREHOUSE, Catalogue
from shopapi.checkout import Checkout
from shopapi.database import Database
from shopapi.frame import Frame
from shopapi.health import Health
from shopapi.orders import Orders
from shopapi.pay import Pay
from shopapi.sales import Sales
from shopapi.sessions import Sessions
from shopapi.settings import Settings
from shopapi.stock import Counter, Stock, Uncounted, Warehouse
from shopapi.stream import OrderStream

_log = logging.getLogger(__name__)

_REDIS_TIMEOUT_S = 1.0


def build(settings: Settings) -> Starlette:
    """One pod's application."""
    redis = Redis.from_url(
        settings.redis_url, socket_timeout=_REDIS_TIMEOUT_S, socket_connect_timeout=_REDIS_TIMEOUT_S
    )
    database = Database("orders", settings.database_url, settings)
    sessions, pay = Sessions(redis), Pay(settings.pay_url)
    cache = Cache(redis, single_flight=settings.cache_single_flight)
    sales = Sales(database, cache, orders=settings.sales_orders)
    catalogue, stock = _catalogue(settings, database, cache, sales)
    stream = OrderStream(redis, settings.order_stream)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        _log.info("release %s starts as %s", settings.release, settings.pod_name)
        warming = asyncio.create_task(catalogue.warm())
        yield
        warming.cancel()
        await pay.close()
        await redis.aclose()

    accounts, carts = Accounts(database, sessions), Carts(sessions, catalogue)
    checkout = Checkout(database, sessions, catalogue, stock, pay, stream)
    orders = Orders(_history(settings, database), sessions)
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
            Route("/checkout", checkout.place, methods=["POST"]),
            Route("/orders", orders.history),
            Route("/report", orders.report),
            Route("/health/live", health.live),
            Route("/health/ready", health.ready),
            Route("/metrics", health.metrics),
        ],
    )


def _catalogue(settings: Settings, orders: Database, cache: Cache, sales: Sales) -> tuple[Catalogue, Stock]:
    """Products and stock: in a database of their own where there is one."""
    if settings.catalogue_url is None:
        return Catalogue(orders, cache, sales, shelf=IN_ORDERS), Uncounted()
    warehouse = Database("catalogue", settings.catalogue_url, settings)
    if settings.stock_url is None:
        return Catalogue(warehouse, cache, sales, shelf=IN_WAREHOUSE), Warehouse(warehouse)
    # A receipt says what is left only where a look shows no less: what the cache says may be minutes old.
    counter = Counter(Database("stock", settings.stock_url, settings))
    catalogue = Catalogue(warehouse, cache, sales, shelf=IN_WAREHOUSE, counter=counter)
    return catalogue, Warehouse(warehouse, tells_left=True)


def _history(settings: Settings, orders: Database) -> Database:
    """Where the past is read."""
    return orders if settings.history_url is None else Database("history", settings.history_url, settings)
