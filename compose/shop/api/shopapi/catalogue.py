"""Products and pages of products, from the cache; the stock of one is counted where there is who counts."""

import logging
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Select, String, Table, select
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.cache import Cache
from shopapi.database import Database
from shopapi.errors import NotFound, ShopError
from shopapi.models import Product
from shopapi.sales import Sales, Sold
from shopapi.stock import Counter, stock

_log = logging.getLogger(__name__)

PAGES = 25
_PER_PAGE = 20


Shelf = Select[int, str, int, int]
"""Products and their stock, as the database that holds them has them."""

IN_ORDERS: Shelf = select(Product.id, Product.name, Product.price_cents, Product.stock).order_by(Product.id)

_products = Table(
    "products",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String),
    Column("price_cents", Integer),
)
IN_WAREHOUSE: Shelf = (
    select(_products.c.id, _products.c.name, _products.c.price_cents, stock.c.on_hand.label("stock"))
    .join_from(_products, stock, stock.c.product_id == _products.c.id)
    .order_by(_products.c.id)
)


class Catalogue:
    """What is on sale. *counter* counts the stock of a product that is looked at; None: the cache says."""

    def __init__(
        self,
        database: Database,
        cache: Cache,
        sales: Sales,
        *,
        shelf: Shelf,
        counter: Counter | None = None,
    ) -> None:
        self._database = database
        self._cache = cache
        self._sales = sales
        self._shelf = shelf
        self._counter = counter

    async def page(self, request: Request) -> JSONResponse:
        """GET /products?page=N"""
        text = request.query_params.get("page", "1")
        number = int(text) if text.isdecimal() else 0
        if not 1 <= number <= PAGES:
            raise NotFound(f"no page {text}")
        page = await self._cache.get(f"page:{number}", lambda: self._load_page(number))
        sold = await self._sales.lately()
        return JSONResponse({**page, "products": [_with_sold(one, sold) for one in page["products"]]})

    async def one(self, request: Request) -> JSONResponse:
        """GET /products/ID"""
        product = await self.product(request.path_params["product_id"])
        counted = await self._counter.on_hand(product["id"]) if self._counter else None
        shown = _with_sold(product, await self._sales.lately())
        return JSONResponse(shown if counted is None else {**shown, "stock": counted})

    async def product(self, product_id: int) -> dict[str, Any]:
        """One product as JSON-safe values; NotFound where there is none."""
        answer: dict[str, Any] = await self._cache.get(
            f"product:{product_id}", lambda: self._load_product(product_id)
        )
        return answer

    async def warm(self) -> None:
        """Fill the cache; a database that is away is no reason not to start."""
        try:
            rows = await self._load(self._shelf)
        except ShopError as error:
            _log.warning("cache not warmed: %s", error)
            return
        values: dict[str, Any] = {f"product:{row['id']}": row for row in rows}
        for number in range(1, PAGES + 1):
            values[f"page:{number}"] = _as_page(number, rows[(number - 1) * _PER_PAGE : number * _PER_PAGE])
        await self._cache.put(values)
        await self._sales.warm()

    async def _load_page(self, number: int) -> dict[str, Any]:
        first = (number - 1) * _PER_PAGE + 1
        of_page = self._shelf.selected_columns["id"].between(first, first + _PER_PAGE - 1)
        return _as_page(number, await self._load(self._shelf.where(of_page)))

    async def _load_product(self, product_id: int) -> dict[str, Any]:
        rows = await self._load(self._shelf.where(self._shelf.selected_columns["id"] == product_id))
        if not rows:
            raise NotFound(f"no product {product_id}")
        return rows[0]

    async def _load(self, query: Shelf) -> list[dict[str, Any]]:
        return await self._database.read(lambda connection: _rows(connection, query))


def _rows(connection: Connection, query: Shelf) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _with_sold(product: dict[str, Any], sold: Sold) -> dict[str, Any]:
    pieces = sold.get(str(product["id"]))
    return product if pieces is None else {**product, "sold_lately": pieces}


def _as_page(number: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
    shown = ("id", "name", "price_cents")
    return {"products": [{name: row[name] for name in shown} for row in rows], "page": number}
