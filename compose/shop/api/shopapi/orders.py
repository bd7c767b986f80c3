"""Check out, and look back at what was ordered."""

from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi.body import body_of, text
from shopapi.catalogue import Catalogue
from shopapi.database import Database
from shopapi.errors import EmptyCart, KeyConflict
from shopapi.models import Order, OrderLine, Payment
from shopapi.pay import Pay
from shopapi.sessions import Sessions, SignedIn

_NEWEST = 20


class Orders:
    """Orders of the customer who is signed in."""

    def __init__(self, database: Database, sessions: Sessions, catalogue: Catalogue, pay: Pay) -> None:
        self._database = database
        self._sessions = sessions
        self._catalogue = catalogue
        self._pay = pay

    async def checkout(self, request: Request) -> JSONResponse:
        """POST /checkout {idempotency_key}"""
        who = await self._sessions.of(request)
        key = text(await body_of(request), "idempotency_key")
        done = await self._placed(who, key)
        if done is not None:
            return JSONResponse(done)
        lines = await self._priced(await self._sessions.cart(who.token))
        total_cents = sum(line.quantity * line.price_cents for line in lines)
        # No connection is held while the provider thinks. Should the write below fail, the same key sent
        # again finds the same charge and writes the order then.
        provider_ref = await self._pay.charge(key, total_cents)
        order = Order(customer_id=who.customer_id, total_cents=total_cents, idempotency_key=key)
        payment = Payment(amount_cents=total_cents, provider_ref=provider_ref)
        written = await self._database.write(lambda session: _place(session, order, lines, payment))
        if not written:
            return JSONResponse(await self._placed(who, key))
        await self._sessions.empty_cart(who.token)
        return JSONResponse(_receipt(order.id, total_cents, payment.id, key), 201)

    async def history(self, request: Request) -> JSONResponse:
        """GET /orders"""
        who = await self._sessions.of(request)
        return JSONResponse({"orders": await self._database.read(lambda c: _newest(c, who.customer_id))})

    async def _placed(self, who: SignedIn, key: str) -> dict[str, Any] | None:
        """The receipt of the order that *key* stands for already."""
        row = await self._database.read(
            lambda c: c.execute(_BY_KEY.where(Order.idempotency_key == key)).first()
        )
        if row is None:
            return None
        if row.customer_id != who.customer_id:
            raise KeyConflict("the key is another customer's")
        return _receipt(row.order_id, row.total_cents, row.payment_id, key)

    async def _priced(self, cart: dict[int, int]) -> list[OrderLine]:
        if not cart:
            raise EmptyCart("nothing to check out")
        return [
            OrderLine(
                product_id=product_id,
                quantity=quantity,
                price_cents=(await self._catalogue.product(product_id))["price_cents"],
            )
            for product_id, quantity in sorted(cart.items())
        ]


_BY_KEY = select(
    Order.id.label("order_id"), Order.customer_id, Order.total_cents, Payment.id.label("payment_id")
).join(Payment, Payment.order_id == Order.id)


def _place(session: Session, order: Order, lines: list[OrderLine], payment: Payment) -> bool:
    """Write order, lines and payment; False where the same key was quicker."""
    session.add(order)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return False
    for line in lines:
        line.order_id = order.id
    payment.order_id = order.id
    session.add_all([*lines, payment])
    session.flush()
    return True


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


def _receipt(order_id: int, total_cents: int, payment_id: int, key: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "total_cents": total_cents,
        "payment_id": payment_id,
        "idempotency_key": key,
    }
