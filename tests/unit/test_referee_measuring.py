"""The ledger's parts, where one of them cannot be read."""

from pathlib import Path
from typing import Any, cast

import pytest
import requests
from docker.errors import DockerException

from faults.container import Container, Output
from faults.errors import ExecFailed, NoTarget
from faults.redis.server import RedisServer
from lab.referee import fingerprints, ledger, measuring, stock
from lab.referee.database import Database
from lab.referee.errors import SampleError
from lab.referee.ledger import Reconciliation
from lab.referee.measuring import Measuring, Told
from lab.referee.order_stream import DEAD_LETTERS, Standing, standing
from lab.referee.stock import StockTaking

STREAM = "orders:placed"
AWAY = Database("host=127.0.0.1 port=1 connect_timeout=1")


class Said:
    """A container whose programs all say the same."""

    name = "redis"

    def __init__(self, text: str) -> None:
        self._text = text

    def exec(self, *_: str, **__: Any) -> Output:
        """What it says."""
        return Output(exit_code=0, text=self._text)


def saying(text: str) -> RedisServer:
    """A server in such a container."""
    return RedisServer(cast("Container", Said(text)), passwords={"admin": "x"}, host="redis")


@pytest.mark.parametrize("text", ["", "Could not connect", '["half'])
def test_an_answer_that_is_no_json_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(ExecFailed, match="XRANGE was not answered as JSON"):
        saying(text).value("XRANGE", STREAM, "-", "+")


@pytest.mark.parametrize(
    "error",
    [NoTarget("no service redis"), DockerException("no engine"), requests.ConnectionError("refused")],
)
def test_a_server_that_is_not_found_is_no_reading(error: Exception) -> None:
    def gone() -> RedisServer:
        raise error

    with pytest.raises(SampleError, match=str(error)):
        Measuring(AWAY, ledger_path=Path("none"))._follow(Told(stream=STREAM, server=gone))


def test_a_part_that_cannot_be_read_hides_nothing_of_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measuring, "PATIENCE_S", 0.0)
    counted = Reconciliation(acknowledged=9, missing=2, examples=["order 7"])
    monkeypatch.setattr(ledger, "reconcile", lambda *_: counted)
    monkeypatch.setattr(stock, "take_stock", lambda *_: StockTaking(stock_checked=8, examples=["order 8"]))
    told = Told(stream=STREAM, server=lambda: saying("no JSON"))
    (tmp_path / "ledger.jsonl").touch()
    detail = Measuring(
        AWAY,
        ledger_path=tmp_path / "ledger.jsonl",
        warehouse=lambda: cast("stock.Warehouse", None),
        told=told,
    ).ledger()
    assert (detail["acknowledged"], detail["missing"], detail["stock_checked"]) == (9, 2, 8)
    assert detail["examples"] == ["order 7", "order 8"]
    assert "the ledger of shipping" in detail["error"]
    assert "not answered as JSON" in detail["error"]
    assert "stream_checked" not in detail
    assert "error" not in Measuring(AWAY, ledger_path=tmp_path / "none").ledger()


class Redis:
    """Answers from what its keys hold; None is no stream."""

    def __init__(self, keys: dict[str, Any], *, otherwise: str = "WRONGTYPE Operation") -> None:
        self._keys = keys
        self._otherwise = otherwise

    def value(self, *command: str) -> Any:
        """The entries of a stream, and that there is no group."""
        if command[0] == "XINFO":
            return []
        if self._keys[command[1]] is None:
            raise ExecFailed(f"redis: redis-cli: exit 1: {self._otherwise}")
        return self._keys[command[1]]


DEAD = DEAD_LETTERS.format(stream=STREAM)
ENTRIES = [["9-0", ["order_id", "1", "idempotency_key", "a"]]]
ONE = frozenset({("1", "a")})


@pytest.mark.parametrize(
    ("keys", "held"),
    [
        ({STREAM: ENTRIES, DEAD: None}, Standing(waiting=ONE)),
        ({STREAM: None, DEAD: ENTRIES}, Standing(given_up=ONE)),
        ({STREAM: None, DEAD: None}, Standing()),
    ],
)
def test_a_key_that_is_no_stream_holds_nothing(keys: dict[str, Any], held: Standing) -> None:
    assert standing(Redis(keys), STREAM) == held


def test_any_other_refusal_is_no_reading() -> None:
    with pytest.raises(SampleError, match="LOADING"):
        standing(Redis({STREAM: None, DEAD: []}, otherwise="LOADING the dataset"), STREAM)


class Answering:
    """A database that answers every query alike."""

    def __init__(self, cell: str) -> None:
        self._cell = cell

    def rows(self, _: str, /) -> list[tuple[str, ...]]:
        """One row."""
        return [(self._cell,)]


def test_the_products_of_mysql_are_part_of_the_fingerprints_where_there_are_any() -> None:
    orders, products = Answering("a"), Answering("b")
    alone, both = fingerprints.take(orders), fingerprints.take(orders, products)
    assert alone == fingerprints.take(orders, None)
    assert both == fingerprints.take(Answering("a"), Answering("b"))
    for other in (alone, fingerprints.take(orders, orders), fingerprints.take(products, products)):
        assert (other.schema != both.schema, other.data != both.data) == (True, True)
