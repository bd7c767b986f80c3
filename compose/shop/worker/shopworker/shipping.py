"""Ship one order: in PostgreSQL, then in the warehouse. Doing it again changes nothing."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shopworker.errors import Away, Refused
from shopworker.orders import Orders
from shopworker.warehouse import Warehouse

_log = logging.getLogger(__name__)

_LARGEST_ID = 2**63 - 1

AT_ONCE = 200
"""How many orders one search finds: messages wait meanwhile."""

_AWAY_AT_MOST = 3
"""How many times in a row a server may be away before a search is given up: each may cost a time-out."""


@dataclass(frozen=True, kw_only=True)
class Shipping:
    """Both databases; the warehouse only where stock is counted."""

    orders: Orders
    warehouse: Warehouse | None

    def ship_told(self, fields: Mapping[str, str]) -> None:
        """Ship the order that a message tells of; Refused where it makes no sense or names no paid order."""
        order_key, text = fields.get("idempotency_key", ""), fields.get("order_id", "")
        if not order_key or not text.isdecimal() or int(text) > _LARGEST_ID:
            raise Refused(f"no order is named by order_id {text!r} and idempotency_key {order_key!r}")
        self._ship(int(text), order_key)

    def ship_lost(self, *, after_s: float) -> Iterator[bool]:
        """Ship orders that were placed so long ago and never told; of each that is found, whether it was.

        One that is refused or locked stops no others. Away where a server stays away.
        """
        away = 0
        for order_id, order_key in self._lost(after_s):
            try:
                shipped = self._ship_found(order_id, order_key)
                away = 0
            except Away as error:
                shipped, away = False, away + 1
                if away >= _AWAY_AT_MOST:
                    raise
                _log.warning("an order that was never told waits: %s", error)
            yield shipped

    def _lost(self, after_s: float) -> Iterator[tuple[int | None, str]]:
        """Orders that nobody shipped, then those shipped whose stock has not left: by their keys alone."""
        yield from self.orders.unshipped_for(after_s, at_most=AT_ONCE)
        if self.warehouse is not None:
            for order_key in self.warehouse.open_for(after_s, at_most=AT_ONCE):
                yield None, order_key

    def _ship_found(self, order_id: int | None, order_key: str) -> bool:
        try:
            known = self.orders.id_of(order_key) if order_id is None else order_id
            if known is None:  # it may yet get an order
                return False
            self._ship(known, order_key)
        except Refused as error:
            _log.error("an order that was never told is refused: %s", error)
            return False
        return True

    def _ship(self, order_id: int, order_key: str) -> None:
        self.orders.ship(order_id, order_key)
        if self.warehouse is not None:
            self.warehouse.fulfil(order_id, order_key)
