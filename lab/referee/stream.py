"""The ledger's third part: every acknowledged order is shipped, or in the stream that the worker reads."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lab.referee.database import Database
from lab.referee.ledger import BATCH, MAX_EXAMPLES, cut, entries
from lab.referee.order_stream import Order, Server, Standing, standing

GRACE_S = 30.0
"""How old an order is that must be shipped or in the stream.

The worker looks for orders that nobody told of once they are 10 s old (WORKER_LOST_AFTER_S in
compose/lab.yml) and 10 s after it looked last, up to 1 s later where no message comes; a server that was away
just then costs it up to 5 s more. That makes 26 s, and the rest is for a slow machine.

This holds for up to 200 lost orders, which is what one search finds, all of which can be shipped at once, and
for a worker that is less than 5 s behind with its messages: one that is further behind looks only every 50 s.

A proof in a hurry does not hasten the worker, and need not: at three times the speed a fix and the ledger are
41 s apart (20 of hold, 1 to begin and 10 to send the replay's burst, 5 to settle, 5 for the load's late
seconds), so what went untold before the fix was looked for twice.
"""

_STATUSES = "select id, status from orders where id = any(%s)"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One acknowledged order, *age_s* old when the ledger was cut; *status* None: the database has none."""

    order: Order
    status: str | None
    age_s: float


@dataclass
class Fulfilment:
    """How orders and stream compare: *stream_lost* orders are paid and nobody will ship them; those
    *stream_given_up* are among the worker's dead letters.

    One that is missing or cancelled is the ledger's to count. A dead letter alone says nothing: the worker's
    search finds its order as well and tries again, and what is shipped in the end is as it should be.
    """

    stream_checked: int = 0
    stream_lost: int = 0
    stream_given_up: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, owed: Owed, held: Standing) -> None:
        """Judge one order."""
        self.stream_checked += 1
        if owed.status != "paid" or owed.order in held.waiting or owed.age_s < GRACE_S:
            return
        if owed.order in held.given_up:
            self.stream_given_up += 1
            self._example(f"order {owed.order[0]}: the worker gave it up, it was never shipped")
        else:
            self.stream_lost += 1
            self._example(
                f"order {owed.order[0]}: paid {owed.age_s:.0f} s ago, not shipped and not in the stream"
            )

    def _example(self, text: str) -> None:
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(text)


def follow_orders(
    path: Path, database: Database, server: Server, *, stream: str, now: Callable[[], float] = time.time
) -> Fulfilment:
    """Look for every acknowledged order in the stream, then in the database; SampleError where one of the
    servers does not answer.

    The load goes on: the ledger is cut first. The database is asked last: what leaves the stream meanwhile
    was shipped before it left.
    """
    cut_t, size_bytes = now(), cut(path)
    orders = [entry for entry in entries(path, size_bytes=size_bytes) if entry["kind"] == "order"]
    held = standing(server, stream)
    statuses = _statuses(database, [int(order["order_id"]) for order in orders])
    result = Fulfilment()
    for order in orders:
        order_id, key = int(order["order_id"]), str(order["idempotency_key"])
        age_s = cut_t - float(order["t"])
        result.add(Owed(order=(str(order_id), key), status=statuses.get(order_id), age_s=age_s), held)
    return result


def _statuses(database: Database, order_ids: Sequence[int]) -> Mapping[int, str]:
    found: dict[int, str] = {}
    remaining = iter(order_ids)
    with database.session() as session:
        while batch := list(islice(remaining, BATCH)):
            rows: Any = session.execute(_STATUSES, (batch,))
            found.update((int(order_id), str(status)) for order_id, status in rows)
    return found
