"""The ledger: every write that was acknowledged to the load, compared with what PostgreSQL holds."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lab.referee.database import Database
from lab.referee.errors import LedgerBroken

BATCH = 2000
MAX_EXAMPLES = 5
SHOWN_BYTES = 80

FIELDS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "order": {"t": (int, float), "idempotency_key": str, "order_id": int, "total_cents": int},
    "customer": {"t": (int, float), "customer_id": int, "email": str},
}
"""What each kind of acknowledged write has, as far as it is looked at here or by the other halves."""

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
    """How the ledger and the database compare; *unpaid* orders lack exactly one payment of their amount.

    *acknowledged* are orders and customers.
    """

    acknowledged: int = 0
    acknowledged_orders: int = 0
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


def cut(path: Path) -> int:
    """Its size now, for the load goes on: what is acknowledged later is not looked at.

    The load makes it before its first request, so that there is none is no sign of an idle shop.
    """
    try:
        return path.stat().st_size
    except OSError as error:
        raise LedgerBroken(
            f"there is no {path.name}: {error.strerror}", hint="did the load begin, or was it removed?"
        ) from error


def entries(path: Path, *, size_bytes: int) -> Iterator[dict[str, Any]]:
    """The lines of its first bytes; LedgerBroken where one is no acknowledged write.

    Only the last may be torn, of a load killed while writing: the request was not done yet.
    """
    read_bytes = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            read_bytes += len(line)
            if read_bytes > size_bytes:
                return
            entry = _entry(line)
            if entry is not None:
                yield entry
            elif line.endswith(b"\n"):
                raise garbled(number, line)


def garbled(number: int, line: bytes) -> LedgerBroken:
    """The error that a line is no acknowledged write; what it was before nobody can tell."""
    shown = line[:SHOWN_BYTES].decode(errors="replace").strip()
    return LedgerBroken(
        f"line {number} of the ledger is no acknowledged write: {shown!r}",
        hint="it was edited, or the disk is full",
    )


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    fields = FIELDS.get(str(entry.get("kind"))) if isinstance(entry, dict) else None
    whole = fields is not None and all(isinstance(entry.get(name), kind) for name, kind in fields.items())
    return entry if whole else None


def reconcile(path: Path, database: Database) -> Reconciliation:
    """Look every acknowledged order and customer up, in batches.

    The load goes on: what is acknowledged after the snapshot is not in it, so the ledger is cut first.
    """
    result = Reconciliation()
    size_bytes = cut(path)
    with database.session() as session:
        for batch in _batches(entries(path, size_bytes=size_bytes)):
            result.acknowledged += len(batch)
            orders = [e for e in batch if e["kind"] == "order"]
            result.acknowledged_orders += len(orders)
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
