"""A read-through cache in Redis that would rather serve old values than none."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shopapi import metrics
from shopapi.errors import ShopError

_log = logging.getLogger(__name__)

_FRESH_S = 300.0
_KEPT_S = 24 * 3600
_SPREAD = 0.5

Loader = Callable[[], Awaitable[Any]]


class Cache:
    """Values by key. A stale one is served at once and refreshed behind the reader's back, one at a time.

    *single_flight*: who misses a key that is being loaded waits for that; otherwise each loads it.
    """

    def __init__(self, redis: Redis, *, single_flight: bool = False) -> None:
        self._redis = redis
        self._single_flight = single_flight
        self._flights: dict[str, asyncio.Future[Any]] = {}
        self._refreshing: asyncio.Task[None] | None = None

    async def get(self, key: str, load: Loader) -> Any:
        """The value of *key*, loaded where the cache has none or is away."""
        try:
            raw = await self._redis.get(key)
        except RedisError as error:
            _log.warning("cache away, reading the database: %s", error)
            return await self._once(key, load)
        if raw is None:
            metrics.CACHE_REQUESTS.labels("miss").inc()
            return await self._once(key, lambda: self._fill(key, load))
        fresh_until, value = json.loads(raw)
        if time.time() < fresh_until:
            metrics.CACHE_REQUESTS.labels("hit").inc()
        else:
            metrics.CACHE_REQUESTS.labels("stale").inc()
            self._refresh_soon(key, load)
        return value

    async def put(self, values: Mapping[str, Any]) -> None:
        """Store values; a failure only costs the next reader time."""
        pipe = self._redis.pipeline(transaction=False)
        for key, value in values.items():
            # Spread, or all that was warmed together would go stale together.
            fresh_until = time.time() + _FRESH_S * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311
            pipe.set(key, json.dumps((fresh_until, value)), ex=_KEPT_S)
        try:
            await pipe.execute()
        except RedisError as error:
            _log.warning("cache not written: %s", error)

    async def _fill(self, key: str, load: Loader) -> Any:
        value = await load()
        await self.put({key: value})
        return value

    async def _once(self, key: str, load: Loader) -> Any:
        if not self._single_flight:
            return await load()
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.ensure_future(load())
            flight.add_done_callback(lambda _: self._flights.pop(key))
        # Whoever gives up waiting takes nothing from the others.
        return await asyncio.shield(flight)

    def _refresh_soon(self, key: str, load: Loader) -> None:
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(key, load))

    async def _refresh(self, key: str, load: Loader) -> None:
        try:
            await self.put({key: await load()})
        except ShopError as error:
            _log.warning("%s stays stale: %s", key, error)
