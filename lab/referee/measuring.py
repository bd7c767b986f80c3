"""The measurements at the baseline and at the end, with patience: a database may be restarting just then."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from docker.errors import DockerException
from urllib3.exceptions import HTTPError

from faults.errors import FaultError, NotReached
from faults.wait import until
from lab.referee import fingerprints, ledger, order_stream, stock, stream
from lab.referee.database import Database
from lab.referee.errors import LedgerBroken, SampleError

PATIENCE_S = 15.0

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Told:
    """The stream of that name that placed orders are told to; *server* finds the Redis that has it."""

    stream: str
    server: Callable[[], order_stream.Server]


class Measuring:
    """Fingerprints and the ledger's reconciliation, as events' details.

    *warehouse* finds the server that counts stock, *catalogue* asks it for the products; None, as *told* may
    be: there is none in this lab. *settings* reads those that the scenario bounds.
    """

    def __init__(
        self,
        database: Database,
        *,
        ledger_path: Path,
        warehouse: Callable[[], stock.Warehouse] | None = None,
        catalogue: fingerprints.Rows | None = None,
        told: Told | None = None,
        settings: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self._database = database
        self._ledger_path = ledger_path
        self._warehouse = warehouse
        self._catalogue = catalogue
        self._told = told
        self._settings = settings

    def fingerprints(self) -> Mapping[str, Any]:
        """Fingerprints of schema and data, and what the servers are set to where a scenario bounds that."""
        taken = _patiently(lambda: fingerprints.take(self._database, self._catalogue), what="fingerprints")
        settings = dict(self._settings())
        return {**asdict(taken), **({"settings": settings} if settings else {})}

    def ledger(self) -> Mapping[str, Any]:
        """What the databases hold of all that was acknowledged; *error* names the parts that were not read.

        SampleError where PostgreSQL is away: all parts ask it. LedgerBroken where it is missing or garbled.
        """
        orders = _patiently(lambda: ledger.reconcile(self._ledger_path, self._database), what="the ledger")
        parts: list[Mapping[str, Any]] = [orders.detail()]
        if self._warehouse is not None:
            find = self._warehouse
            parts.append(_part(lambda: asdict(self._take_stock(find)), what="the ledger of stock"))
        if self._told is not None:
            told = self._told
            parts.append(_part(lambda: asdict(self._follow(told)), what="the ledger of shipping"))
        examples = [example for part in parts for example in part.get("examples", ())]
        errors = [part["error"] for part in parts if "error" in part]
        counts = {name: value for part in parts for name, value in part.items()} | {"examples": examples}
        return counts | ({"error": "; ".join(errors)} if errors else {})

    def _take_stock(self, find: Callable[[], stock.Warehouse]) -> stock.StockTaking:
        return _asked(lambda: stock.take_stock(self._ledger_path, self._database, find()))

    def _follow(self, told: Told) -> stream.Fulfilment:
        return _asked(
            lambda: stream.follow_orders(self._ledger_path, self._database, told.server(), stream=told.stream)
        )


def _asked(measure: Callable[[], T]) -> T:
    """What is measured inside a container; SampleError where it or the engine is away."""
    try:
        return measure()
    except (FaultError, DockerException, requests.RequestException, HTTPError) as error:
        raise SampleError(str(error)) from error


def _part(measure: Callable[[], Mapping[str, Any]], *, what: str) -> Mapping[str, Any]:
    """One part of the ledger, or why there is none: what the others found stands."""
    try:
        return _patiently(measure, what=what)
    except (LedgerBroken, SampleError) as error:
        return {"error": str(error)}


def _patiently(measure: Callable[[], T], *, what: str) -> T:
    try:
        return until(measure, what=what, timeout_s=PATIENCE_S, every_s=1.0, ignore=(SampleError,))
    except NotReached as error:
        raise SampleError(str(error)) from error
