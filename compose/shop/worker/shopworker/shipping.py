"""Ship one order: in PostgreSQL, then in the warehouse. Doing it again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from shopworker.errors import Refused
from shopworker.orders import Orders
from shopworker.warehouse import Warehouse

_LARGEST_ID = 2**63 - 1


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

    def ship_lost(self, *, after_s: float) -> int:
        """Ship orders that were placed and never told; how many. What has no order may yet get one."""
        if self.warehouse is None:
            return 0
        shipped = 0
        for order_key in self.warehouse.open_for(after_s):
            order_id = self.orders.id_of(order_key)
            if order_id is not None:
                self._ship(order_id, order_key)
                shipped += 1
        return shipped

    def _ship(self, order_id: int, order_key: str) -> None:
        self.orders.ship(order_id, order_key)
        if self.warehouse is not None:
            self.warehouse.fulfil(order_id, order_key)
