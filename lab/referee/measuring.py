"""The measurements at the baseline and at the end, with patience: a database may be restarting just then."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from faults.errors import NotReached
from faults.wait import until
from lab.referee import fingerprints, ledger
from lab.referee.database import Database
from lab.referee.errors import SampleError

PATIENCE_S = 15.0

T = TypeVar("T")


class Measuring:
    """Fingerprints and the ledger's reconciliation, as events' details."""

    def __init__(self, database: Database, *, ledger_path: Path) -> None:
        self._database = database
        self._ledger_path = ledger_path

    def fingerprints(self) -> Mapping[str, Any]:
        """Fingerprints of schema and data."""
        return asdict(_patiently(lambda: fingerprints.take(self._database), what="fingerprints"))

    def ledger(self) -> Mapping[str, Any]:
        """What the database holds of all that was acknowledged."""
        result = _patiently(lambda: ledger.reconcile(self._ledger_path, self._database), what="the ledger")
        return result.detail()


def _patiently(measure: Callable[[], T], *, what: str) -> T:
    try:
        return until(measure, what=what, timeout_s=PATIENCE_S, every_s=1.0, ignore=(SampleError,))
    except NotReached as error:
        raise SampleError(str(error)) from error
