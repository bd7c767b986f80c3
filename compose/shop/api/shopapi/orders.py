"""Look back at what was ordered: from a replica where there is one, and then as old as the replica is."""

from typing import Any

from sqlalchemy import Connection, func, select
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.database import Database
from shopapi.models import Order, OrderLine
from shopapi.sessions import Sessions

_NEWEST = 20
_REPORTED = 1000
_BEST_SELLERS = 10


class Orders:
    """What customers and the shop have behind them."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions

    async def history(self, request: Request) -> JSONResponse:
        """GET /orders"""
        who = await self._sessions.of(request)
        return JSONResponse({"orders": await self._database.read(lambda c: _newest(c, who.customer_id))})

    async def report(self, request: Request) -> JSONResponse:
        """GET /report: what sold best of late"""
        await self._sessions.of(request)
        return JSONResponse(await self._database.read(_sales))


def _newest(connection: Connection, customer_id: int) -> list[dict[str, Any]]:
    query = (
        select(Order.id, Order.total_cents, Order.created_at)
        .where(Order.customer_id == customer_id)
        .order_by(Order.id.desc())
        .limit(_NEWEST)
    )
    return [
        {"order_id": row.id, "total_cents": row.total_cents, "created_at": row.created_at.isoformat()}
        for row in connection.execute(query)
    ]


def _sales(connection: Connection) -> dict[str, Any]:
    """The newest orders by product, in one query: on a replica two could see two states."""
    newest = select(Order.id).order_by(Order.id.desc()).limit(_REPORTED).subquery()
    quantity = func.sum(OrderLine.quantity)
    query = (
        select(
            OrderLine.product_id,
            quantity.label("quantity"),
            func.max(func.max(newest.c.id)).over().label("newest_order_id"),
        )
        .join(newest, newest.c.id == OrderLine.order_id)
        .group_by(OrderLine.product_id)
        .order_by(quantity.desc(), OrderLine.product_id)
        .limit(_BEST_SELLERS)
    )
    rows = connection.execute(query).all()
    return {
        "newest_order_id": rows[0].newest_order_id if rows else None,
        "best_sellers": [{"product_id": row.product_id, "quantity": int(row.quantity)} for row in rows],
    }
