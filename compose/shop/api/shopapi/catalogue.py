"""Products and pages of products, from the cache."""

import logging
from typing import Any

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.cache import Cache
from shopapi.database import Database
from shopapi.errors import NotFound, ShopError
from shopapi.models import Product

_log = logging.getLogger(__name__)

PAGES = 25
_PER_PAGE = 20


class Catalogue:
    """What is on sale."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    async def page(self, request: Request) -> JSONResponse:
        """GET /products?page=N"""
        text = request.query_params.get("page", "1")
        number = int(text) if text.isdecimal() else 0
        if not 1 <= number <= PAGES:
            raise NotFound(f"no page {text}")
        return JSONResponse(await self._cache.get(f"page:{number}", lambda: self._load_page(number)))

    async def one(self, request: Request) -> JSONResponse:
        """GET /products/ID"""
        return JSONResponse(await self.product(request.path_params["product_id"]))

    async def product(self, product_id: int) -> dict[str, Any]:
        """One product as JSON-safe values; NotFound where there is none."""
        answer: dict[str, Any] = await self._cache.get(
            f"product:{product_id}", lambda: self._load_product(product_id)
        )
        return answer

    async def warm(self) -> None:
        """Fill the cache; a database that is away is no reason not to start."""
        try:
            rows = await self._database.read(_all_products)
        except ShopError as error:
            _log.warning("cache not warmed: %s", error)
            return
        values: dict[str, Any] = {f"product:{row['id']}": row for row in rows}
        for number in range(1, PAGES + 1):
            values[f"page:{number}"] = _as_page(number, rows[(number - 1) * _PER_PAGE : number * _PER_PAGE])
        await self._cache.put(values)

    async def _load_page(self, number: int) -> dict[str, Any]:
        first = (number - 1) * _PER_PAGE + 1
        query = _COLUMNS.where(Product.id.between(first, first + _PER_PAGE - 1)).order_by(Product.id)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return _as_page(number, [dict(row) for row in rows])

    async def _load_product(self, product_id: int) -> dict[str, Any]:
        query = _COLUMNS.where(Product.id == product_id)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        if row is None:
            raise NotFound(f"no product {product_id}")
        return dict(row)


_COLUMNS = select(Product.id, Product.name, Product.price_cents, Product.stock)


def _all_products(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(_COLUMNS.order_by(Product.id)).mappings()]


def _as_page(number: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown = ("id", "name", "price_cents")
    return {"products": [{name: row[name] for name in shown} for row in rows], "page": number}
