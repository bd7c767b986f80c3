"""What lies in the warehouse: taken once for each checkout's key, given back where the checkout fails."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, String, Table, func, select, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.orm import Session

from shopapi.database import Database
from shopapi.errors import KeyConflict, OutOfStock, ShopError

_log = logging.getLogger(__name__)

_COUNTED_WITHIN_S = 0.5

_tables = MetaData()

stock = Table(
    "stock",
    _tables,
    Column("product_id", Integer, primary_key=True),
    Column("on_hand", Integer),
    Column("reserved", Integer),
)
movements = Table(
    "stock_movements",
    _tables,
    Column("id", BigInteger, primary_key=True),
    Column("product_id", Integer),
    Column("delta", Integer),
    Column("order_key", String),
    Column("reason", String),
)
reservations = Table(
    "reservations",
    _tables,
    Column("order_key", String, primary_key=True),
    Column("holder", String),
    Column("state", String),
    Column("attempt", Integer),
)

Lines = Mapping[int, int]
"""Quantities by product id."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Stock that is taken for an order to come.

    *holder* is empty where another request with the same key has taken it: then nobody gives it back, for
    each of them may be the one that writes the order. *left*: what is on hand after it was taken, where that
    was asked for.
    """

    order_key: str
    holder: str
    attempt: int
    lines: Lines
    left: Lines = field(default_factory=dict)

    @property
    def charge_key(self) -> str:
        """The payment's key: another one after a payment of the same order was taken back."""
        return self.order_key if self.attempt == 1 else f"{self.order_key}.{self.attempt}"


class Stock(Protocol):
    """Where stock is counted, if it is."""

    async def take(self, order_key: str, lines: Lines) -> Hold:
        """Take stock for the order of that key, once however often the key comes."""

    async def give_back(self, hold: Hold, *, charged: bool) -> bool:
        """Put it back, unless it is not the holder's alone; *charged*: the payment's key is used up."""


class Uncounted:
    """No stock is counted."""

    async def take(self, order_key: str, lines: Lines) -> Hold:
        """There is always enough; nobody holds it."""
        return Hold(order_key=order_key, holder="", attempt=1, lines=lines)

    async def give_back(self, hold: Hold, *, charged: bool) -> bool:
        """Nothing was taken."""
        return False


class Counter:
    """What is on hand, counted anew for each look; on a replica, so that looking costs a checkout nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_hand(self, product_id: int) -> int | None:
        """How many there are; None where that is not known soon enough to keep who only looks waiting."""
        query = select(stock.c.on_hand).where(stock.c.product_id == product_id)

        def count(connection: Connection) -> int | None:
            return connection.execute(query).scalar()

        try:
            async with asyncio.timeout(_COUNTED_WITHIN_S):
                return await self._database.read(count)
        except (ShopError, TimeoutError) as error:
            _log.warning("stock of %d not counted: %s", product_id, error or "no answer in time")
            return None


class Warehouse:
    """Stock in MySQL. Each change of a product's stock is a movement with the order's key.

    *tells_left*: a hold says what it left behind.
    """

    def __init__(self, database: Database, *, tells_left: bool = False) -> None:
        self._database = database
        self._tells_left = tells_left

    async def take(self, order_key: str, lines: Lines) -> Hold:
        """Take stock for the order of that key, once however often the key comes; all of it or none."""
        holder = secrets.token_hex(16)

        def work(session: Session) -> Hold:
            hold = _take(session, order_key, holder, lines)
            return replace(hold, left=_left(session, lines)) if hold.holder and self._tells_left else hold

        return await self._database.write(work)

    async def give_back(self, hold: Hold, *, charged: bool) -> bool:
        """Put it back, unless it is not the holder's alone; *charged*: the payment's key is used up."""
        if not hold.holder:
            return False
        return await self._database.write(lambda session: _give_back(session, hold, charged))


def _take(session: Session, order_key: str, holder: str, lines: Lines) -> Hold:
    # One that is there already is locked and not changed.
    mine = insert(reservations).values(order_key=order_key, holder=holder, state="reserved", attempt=1)
    session.execute(mine.on_duplicate_key_update(order_key=order_key))
    there = session.execute(
        select(reservations.c.holder, reservations.c.state, reservations.c.attempt).where(
            reservations.c.order_key == order_key
        )
    ).one()
    of_key = update(reservations).where(reservations.c.order_key == order_key)
    if there.holder == holder or there.state == "returned":
        session.execute(of_key.values(holder=holder, state="reserved"))
        _move(session, order_key, lines, reason="sale")
        return Hold(order_key=order_key, holder=holder, attempt=there.attempt, lines=lines)
    if _taken(session, order_key) != dict(lines):
        raise KeyConflict("the key stands for other things")
    session.execute(of_key.values(holder=None))
    return Hold(order_key=order_key, holder="", attempt=there.attempt, lines=lines)


def _give_back(session: Session, hold: Hold, charged: bool) -> bool:
    mine = update(reservations).where(
        reservations.c.order_key == hold.order_key,
        reservations.c.holder == hold.holder,
        reservations.c.state == "reserved",
    )
    attempt = hold.attempt + 1 if charged else hold.attempt
    returned = session.execute(mine.values(state="returned", holder=None, attempt=attempt))
    if returned.rowcount == 0:  # type: ignore[attr-defined]
        return False
    _move(session, hold.order_key, {product: -quantity for product, quantity in hold.lines.items()}, "return")
    return True


def _move(session: Session, order_key: str, lines: Lines, reason: str) -> None:
    """Take each line's quantity, or put it back where it is negative; in one order, or two would deadlock."""
    for product_id, quantity in sorted(lines.items()):
        enough = update(stock).where(stock.c.product_id == product_id, stock.c.on_hand >= quantity)
        on_hand, reserved = stock.c.on_hand - quantity, stock.c.reserved + quantity
        moved = session.execute(enough.values(on_hand=on_hand, reserved=reserved))
        if moved.rowcount == 0:  # type: ignore[attr-defined]
            raise OutOfStock(f"not {quantity} of product {product_id}")
        movement = {"product_id": product_id, "delta": -quantity, "order_key": order_key, "reason": reason}
        session.execute(movements.insert().values(movement))


def _left(session: Session, lines: Lines) -> dict[int, int]:
    query = select(stock.c.product_id, stock.c.on_hand).where(stock.c.product_id.in_(lines))
    return {row.product_id: row.on_hand for row in session.execute(query)}


def _taken(session: Session, order_key: str) -> dict[int, int]:
    total = func.sum(movements.c.delta)
    query = (
        select(movements.c.product_id, total)
        .where(movements.c.order_key == order_key)
        .group_by(movements.c.product_id)
        .having(total != 0)
    )
    return {product_id: -int(delta) for product_id, delta in session.execute(query)}
