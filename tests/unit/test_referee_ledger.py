"""The ledger as it is read: whole lines, at most a torn last one; anything else is an error, never a pass."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from lab.referee import measuring, stock, stream
from lab.referee.errors import LedgerBroken
from lab.referee.ledger import cut, entries, reconcile
from lab.referee.measuring import Measuring

if TYPE_CHECKING:
    from lab.referee.database import Database
    from lab.referee.order_stream import Server

ORDER = {"t": 1.5, "kind": "order", "order_id": 7, "idempotency_key": "key-7", "total_cents": 5}
CUSTOMER = {"t": 2, "kind": "customer", "customer_id": 3, "email": "a@shop.example"}


class Held:
    """A database that holds every order as it was acknowledged."""

    @contextlib.contextmanager
    def session(self) -> Iterator["Held"]:
        """Itself."""
        yield self

    def execute(self, _query: str, columns: tuple[list[Any], ...]) -> list[tuple[Any, ...]]:
        """One row for each order, none for a customer: all are there."""
        if len(columns) < 3:
            return []
        return [
            (key, id_, cents, 1, cents, "paid", cents, [cents])
            for key, id_, cents in zip(*columns, strict=True)
        ]


HELD = cast("Database", Held())


def line(entry: object) -> str:
    return json.dumps(entry) + "\n"


def ledger(folder: Path, *parts: str) -> Path:
    path = folder / "ledger.jsonl"
    path.write_text("".join(parts))
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return list(entries(path, size_bytes=cut(path)))


@pytest.mark.parametrize("torn", ["", '{"t": 3, "kind": "ord', '{"t": 3}', "\x00\x00"])
def test_a_torn_last_line_is_left_out(torn: str, tmp_path: Path) -> None:
    assert read(ledger(tmp_path, line(ORDER), line(CUSTOMER), torn)) == [ORDER, CUSTOMER]


def test_what_is_acknowledged_after_the_cut_is_not_read(tmp_path: Path) -> None:
    path = ledger(tmp_path, line(ORDER), line(CUSTOMER)[:9])
    size_bytes = cut(path)
    ledger(tmp_path, line(ORDER), line(CUSTOMER), line(ORDER))
    assert list(entries(path, size_bytes=size_bytes)) == [ORDER]


@pytest.mark.parametrize(
    "garbled",
    [
        line(ORDER)[:20] + "\n",
        line(ORDER)[:20] + line(ORDER),
        "\n",
        "\x00\x00\n",
        line([ORDER]),
        line(7),
        line({**ORDER, "kind": "parcel"}),
        line({**ORDER, "order_id": "7"}),
        line({name: value for name, value in ORDER.items() if name != "idempotency_key"}),
        line({name: value for name, value in CUSTOMER.items() if name != "t"}),
    ],
    ids=["cut", "two in one", "empty", "zeros", "list", "number", "kind", "type", "no key", "no time"],
)
@pytest.mark.parametrize("after", [line(CUSTOMER), ""], ids=["in the middle", "last"])
def test_a_line_that_is_no_acknowledged_write_is_an_error_that_names_it(
    garbled: str, after: str, tmp_path: Path
) -> None:
    path = ledger(tmp_path, line(ORDER), garbled, after)
    with pytest.raises(LedgerBroken, match=r"^line 2 of the ledger is no acknowledged write: '"):
        read(path)


def test_no_ledger_is_an_error_in_every_part(tmp_path: Path) -> None:
    none = tmp_path / "ledger.jsonl"
    for part in (
        lambda: reconcile(none, HELD),
        lambda: stock.take_stock(none, HELD, cast("stock.Warehouse", None)),
        lambda: stream.follow_orders(none, HELD, cast("Server", None), stream="orders"),
    ):
        with pytest.raises(LedgerBroken, match=r"there is no ledger\.jsonl"):
            part()


def test_orders_and_customers_are_counted(tmp_path: Path) -> None:
    found = reconcile(ledger(tmp_path, line(ORDER), line(CUSTOMER), line(ORDER)), HELD)
    assert (found.acknowledged, found.acknowledged_orders, found.missing) == (3, 2, 0)
    assert reconcile(ledger(tmp_path), HELD).acknowledged == 0


def test_a_broken_ledger_is_not_asked_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "PATIENCE_S", 3600.0)
    with pytest.raises(LedgerBroken):
        Measuring(HELD, ledger_path=ledger(tmp_path, "{}\n")).ledger()
