"""Check out: stock is taken, the card charged, the order written, and whoever ships it told."""

import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse

from shopapi import metrics
from shopapi.body import body_of, text
from shopapi.catalogue import Catalogue
from shopapi.database import Database
from shopapi.errors import Declined, EmptyCart, InDoubt, KeyConflict, ShopError
from shopapi.models import Order, OrderLine, Payment
from shopapi.pay import Pay
from shopapi.sessions import Sessions, SignedIn
from shopapi.stock import Hold, Stock
from shopapi.stream import OrderStream

_log = logging.getLogger(__name__)


class Checkout:
    """Turns a cart into an order, once for each idempotency key."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        catalogue: Catalogue,
        stock: Stock,
        pay: Pay,
        stream: OrderStream,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._catalogue = catalogue
        self._stock = stock
        self._pay = pay
        self._stream = stream

    async def place(self, request: Request) -> JSONResponse:
        """POST /checkout {idempotency_key}"""
        who = await self._sessions.of(request)
        key = text(await body_of(request), "idempotency_key")
        done = await self._placed(who, key)
        if done is not None:
            return JSONResponse(done)
        lines = await self._priced(await self._sessions.cart(who.token))
        hold = await self._stock.take(key, {line.product_id: line.quantity for line in lines})
        receipt = await self._paid_and_written(who, hold, lines)
        if receipt is None:
            return JSONResponse(await self._placed(who, key))
        await self._stream.tell({**receipt, "customer_id": who.customer_id})
        await self._sessions.empty_cart(who.token)
        left = {"left": {str(product_id): n for product_id, n in hold.left.items()}} if hold.left else {}
        return JSONResponse({**receipt, **left}, 201)

    async def _paid_and_written(
        self, who: SignedIn, hold: Hold, lines: list[OrderLine]
    ) -> dict[str, Any] | None:
        """Charge and write; None where the same key was quicker. What certainly failed is taken back."""
        total_cents = sum(line.quantity * line.price_cents for line in lines)
        try:
            # No connection is held while the provider thinks.
            provider_ref = await self._pay.charge(hold.charge_key, total_cents)
            order = Order(
                customer_id=who.customer_id, total_cents=total_cents, idempotency_key=hold.order_key
            )
            payment = Payment(amount_cents=total_cents, provider_ref=provider_ref)
            written = await self._database.write(lambda session: _place(session, order, lines, payment))
        except InDoubt:
            # The order may stand. The same key sent again finds it, or the same stock and the same charge.
            raise
        except ShopError as error:
            await self._undo(hold, charged=not isinstance(error, Declined | KeyConflict))
            raise
        return _receipt(order.id, total_cents, payment.id, hold.order_key) if written else None

    async def _undo(self, hold: Hold, *, charged: bool) -> None:
        """Give the stock back, then the money: nobody else can use the payment's key from then on."""
        step = "stock"
        try:
            if not await self._stock.give_back(hold, charged=charged):
                return
            metrics.UNDONE.labels(step, "done").inc()
            if charged:
                step = "payment"
                await self._pay.refund(hold.charge_key)
                metrics.UNDONE.labels(step, "done").inc()
        except ShopError as error:
            metrics.UNDONE.labels(step, "failed").inc()
            _log.error("%s of checkout %s not taken back: %s", step, hold.order_key, error)

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


def _receipt(order_id: int, total_cents: int, payment_id: int, key: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "total_cents": total_cents,
        "payment_id": payment_id,
        "idempotency_key": key,
    }
