"""Every write that the shop acknowledged, one JSON line each, to be held against the database at the end."""

import json
from collections.abc import Callable
from pathlib import Path


class Ledger:
    """Appends to ledger.jsonl; a line is in the file before the request counts as done."""

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._clock = clock

    def order(
        self,
        *,
        order_id: int,
        idempotency_key: str,
        customer_id: int,
        total_cents: int,
        payment_id: int | str,
    ) -> None:
        """Note an order that the shop said was placed and paid."""
        self._note(
            kind="order",
            order_id=order_id,
            idempotency_key=idempotency_key,
            customer_id=customer_id,
            total_cents=total_cents,
            payment_id=payment_id,
        )

    def customer(self, *, customer_id: int, email: str) -> None:
        """Note a customer that the shop said was registered."""
        self._note(kind="customer", customer_id=customer_id, email=email)

    def close(self) -> None:
        """Close the file; what comes later is not noted."""
        self._file.close()

    def _note(self, **fields: object) -> None:
        self._file.write(json.dumps({"t": round(self._clock(), 6), **fields}) + "\n")
