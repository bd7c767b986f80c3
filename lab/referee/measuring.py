"""The measurements at the baseline and at the end, with patience: a database may be restarting just then."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from faults.errors import FaultError, NotReached
from faults.wait import until
from lab.referee import fingerprints, ledger, stock
from lab.referee.database import Database
from lab.referee.errors import SampleError

PATIENCE_S = 15.0

T = TypeVar("T")


class Measuring:
    """Fingerprints and the ledger's reconciliation, as events' details.

    *warehouse* finds the server that counts stock; None: there is none in this lab.
    """

    def __init__(
        self, database: Database, *, ledger_path: Path, warehouse: Callable[[], stock.Warehouse] | None = None
    ) -> None:
        self._database = database
        self._ledger_path = ledger_path
        self._warehouse = warehouse

    def fingerprints(self) -> Mapping[str, Any]:
        """Fingerprints of schema and data."""
        return asdict(_patiently(lambda: fingerprints.take(self._database), what="fingerprints"))

    def ledger(self) -> Mapping[str, Any]:
        """What the databases hold of all that was acknowledged."""
        detail = _patiently(
            lambda: ledger.reconcile(self._ledger_path, self._database), what="the ledger"
        ).detail()
        if self._warehouse is None:
            return detail
        taking = asdict(_patiently(self._take_stock, what="the ledger of stock"))
        return {**detail, **taking, "examples": [*detail["examples"], *taking["examples"]]}

    def _take_stock(self) -> stock.StockTaking:
        assert self._warehouse is not None  # noqa: S101 - narrows the type: who asks has looked
        try:
            warehouse = self._warehouse()
        except FaultError as error:
            raise SampleError(str(error)) from error
        return stock.take_stock(self._ledger_path, self._database, warehouse)


def _patiently(measure: Callable[[], T], *, what: str) -> T:
    try:
        return until(measure, what=what, timeout_s=PATIENCE_S, every_s=1.0, ignore=(SampleError,))
    except NotReached as error:
        raise SampleError(str(error)) from error
