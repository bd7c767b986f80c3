"""Placed orders, told to whoever ships them."""

import logging
from collections.abc import Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shopapi import metrics

_log = logging.getLogger(__name__)


class OrderStream:
    """A stream in Redis; without a name nobody is told."""

    def __init__(self, redis: Redis, name: str | None) -> None:
        self._redis = redis
        self._name = name

    async def tell(self, order: Mapping[str, str | int]) -> None:
        """Append a placed order. It stands and is paid: a stream that is away is no reason to refuse it."""
        if self._name is None:
            return
        try:
            await self._redis.xadd(self._name, {**order})
        except RedisError as error:
            metrics.NOT_TOLD.inc()
            _log.error("order %s is placed and was not told: %s", order["order_id"], error)
