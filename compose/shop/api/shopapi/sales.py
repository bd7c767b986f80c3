"""How much of each product was sold lately, for every page to show: counted once, kept in the cache."""

import logging
from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from shopapi.cache import Cache
from shopapi.database import Database
from shopapi.errors import ShopError
from shopapi.models import OrderLine

_log = logging.getLogger(__name__)

_KEY = "page:sales"

Sold = Mapping[str, int]
"""Pieces by product id, which is a text in JSON."""


class Sales:
    """What sells. *orders*: how many of the newest count as lately."""

    def __init__(self, database: Database, cache: Cache, *, orders: int) -> None:
        self._database = database
        self._cache = cache
        self._orders = orders

    async def lately(self) -> Sold:
        """Pieces by product; nothing where they cannot be counted, for a page is not refused for that."""
        try:
            sold: Sold = await self._cache.get(_KEY, self._count)
        except ShopError as error:
            _log.warning("pages without what was sold: %s", error)
            return {}
        return sold

    async def warm(self) -> None:
        """Count before somebody asks; a database that is away is no reason not to start."""
        try:
            await self._cache.put({_KEY: await self._count()})
        except ShopError as error:
            _log.warning("sales not warmed: %s", error)

    async def _count(self) -> Sold:
        return await self._database.read(lambda connection: _sold(connection, self._orders))


def _sold(connection: Connection, orders: int) -> Sold:
    # The newest first: only with a number at hand does the planner know how few rows lie behind it.
    newest = connection.execute(select(func.max(OrderLine.order_id))).scalar() or 0
    query = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity).label("pieces"))
        .where(OrderLine.order_id > newest - orders)
        .group_by(OrderLine.product_id)
    )
    return {str(row.product_id): int(row.pieces) for row in connection.execute(query)}
