"""The ledger: every write that was acknowledged to the load, compared with what PostgreSQL holds."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lab.referee.database import Database

BATCH = 2000
MAX_EXAMPLES = 5

_QUERY = """
select a.key, a.order_id, a.total_cents,
       (select count(*) from orders o where o.idempotency_key = a.key) as orders,
       (select o.total_cents from orders o where o.id = a.order_id) as found_cents,
       (select o.status from orders o where o.id = a.order_id) as status,
       (select sum(l.quantity * l.price_cents) from order_lines l where l.order_id = a.order_id) as lines,
       (select array_agg(p.amount_cents::bigint) from payments p where p.order_id = a.order_id) as payments
  from unnest(%s::text[], %s::bigint[], %s::bigint[]) as a (key, order_id, total_cents)
"""
_CUSTOMERS = """
select a.customer_id, a.email
  from unnest(%s::bigint[], %s::text[]) as a (customer_id, email)
  left join customers c on c.id = a.customer_id and c.email = a.email
 where c.id is null
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One acknowledged order beside what the database holds for it."""

    idempotency_key: str
    order_id: int
    total_cents: int
    orders: int
    found_cents: int | None
    payments: tuple[int, ...]
    status: str = "paid"
    lines_cents: int | None = None


@dataclass
class Reconciliation:
    """How the ledger and the database compare; *unpaid* orders lack exactly one payment of their amount."""

    acknowledged: int = 0
    missing: int = 0
    doubled: int = 0
    wrong_amount: int = 0
    unpaid: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Judge one order."""
        if found.found_cents is None or found.status == "cancelled":
            self.missing += 1
            gone = "is not there" if found.found_cents is None else "was cancelled"
            self._example(f"order {found.order_id} was acknowledged and {gone}")
            return
        if found.orders > 1:
            self.doubled += 1
            self._example(f"order {found.order_id}: {found.orders} orders for one checkout")
        if (found.found_cents, found.lines_cents) != (found.total_cents, found.total_cents):
            self.wrong_amount += 1
            self._example(
                f"order {found.order_id}: {found.found_cents} cents, its lines {found.lines_cents}, "
                f"acknowledged were {found.total_cents}"
            )
        if found.payments != (found.total_cents,):
            self.unpaid += 1
            self._example(
                f"order {found.order_id}: payments {list(found.payments)}, wanted [{found.total_cents}]"
            )

    def add_lost_customer(self, customer_id: int) -> None:
        """Count a registration that was acknowledged and is not there."""
        self.missing += 1
        self._example(f"customer {customer_id} was acknowledged and is not there")

    def detail(self) -> dict[str, Any]:
        """As an event's detail."""
        return asdict(self)

    def _example(self, text: str) -> None:
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(text)


def entries(path: Path, *, size_bytes: int) -> Iterator[dict[str, Any]]:
    """The whole lines of its first bytes; a torn one, of a load killed while writing, is left out."""
    if not size_bytes:
        return
    read_bytes = 0
    with path.open("rb") as lines:
        for line in lines:
            read_bytes += len(line)
            if read_bytes > size_bytes:
                return
            try:
                yield json.loads(line)
            except ValueError:
                continue


def reconcile(path: Path, database: Database) -> Reconciliation:
    """Look every acknowledged order and customer up, in batches.

    The load goes on: what is acknowledged after the snapshot is not in it, so the ledger is cut first.
    """
    result = Reconciliation()
    size_bytes = path.stat().st_size if path.exists() else 0
    with database.session() as session:
        for batch in _batches(entries(path, size_bytes=size_bytes)):
            result.acknowledged += len(batch)
            orders = [e for e in batch if e["kind"] == "order"]
            for row in session.execute(
                _QUERY, _columns(orders, "idempotency_key", "order_id", "total_cents")
            ):
                result.add(_found(row))
            customers = [e for e in batch if e["kind"] == "customer"]
            for row in session.execute(_CUSTOMERS, _columns(customers, "customer_id", "email")):
                result.add_lost_customer(int(row[0]))
    return result


def _batches(lines: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    source = iter(lines)
    while batch := list(islice(source, BATCH)):
        yield batch


def _columns(rows: Sequence[dict[str, Any]], *names: str) -> tuple[list[Any], ...]:
    return tuple([row[name] for row in rows] for name in names)


def _found(row: tuple[Any, ...]) -> Found:
    return Found(
        idempotency_key=row[0],
        order_id=int(row[1]),
        total_cents=int(row[2]),
        orders=int(row[3]),
        found_cents=None if row[4] is None else int(row[4]),
        status=str(row[5]),
        lines_cents=None if row[6] is None else int(row[6]),
        payments=tuple(int(p) for p in row[7] or ()),
    )
