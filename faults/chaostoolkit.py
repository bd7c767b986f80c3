"""Faults as actions, probes and rollbacks of the Chaos Toolkit: functions for its `python` provider.

`faults.chaostoolkit` is the module; *fault*, *container* and *parameters* are the arguments of `inject`.
Receipts are kept in the folder *receipts*, so that the rollback of another process finds them: run `chaos`
with `--rollback-strategy=always`. An error of ours fails the activity and tells its hint.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker

from faults import helpers
from faults.catalog import find
from faults.desk import Desk
from faults.errors import FaultError, RevertFailed
from faults.parameters import Value, made
from faults.store import Phase, Record, Store

RECEIPTS = ".faults"


def inject(
    fault: str,
    container: str,
    parameters: Mapping[str, Value] | None = None,
    logins: Mapping[str, str] | None = None,
    database: str = "shop",
    receipts: str = RECEIPTS,
) -> dict[str, Any]:
    """Do *fault* to *container*, and return when the container itself shows it.

    *logins*: by role, the environment's variable that holds its password.
    """
    with _hinted():
        wanted = made(find(fault), parameters or {})
    with _desk(receipts) as desk:
        return _told(desk.inject(wanted, container, logins=logins, database=database))


def active(receipts: str = RECEIPTS) -> list[dict[str, Any]]:
    """The faults that their victims show now."""
    with _desk(receipts) as desk:
        return [_told(one.record) for one in desk.standings() if one.word == "active"]


def is_active(fault: str, container: str, receipts: str = RECEIPTS) -> bool:
    """Whether *container* shows *fault* now: for a tolerance."""
    return any((one["fault"], one["target"]) == (fault, container) for one in active(receipts))


def revert_all(receipts: str = RECEIPTS) -> dict[str, str]:
    """Undo all that is open, newest first; by receipt, what came of it. Safe to repeat."""
    with _desk(receipts) as desk:
        outcomes = desk.revert(desk.store.open())
        helpers.sweep(desk.engine, labs=("",), targets={one.target for one in desk.store.records()})
    failed = {ident: outcome for ident, outcome in outcomes.items() if outcome.startswith("failed")}
    if failed:
        raise RevertFailed(f"not everything could be undone: {failed}")
    return outcomes


@contextlib.contextmanager
def _desk(receipts: str) -> Iterator[Desk]:
    engine = docker.from_env()
    try:
        with _hinted():
            yield Desk(engine=engine, store=Store(folder=Path(receipts)))
    finally:
        engine.close()


@contextlib.contextmanager
def _hinted() -> Iterator[None]:
    """Let an error of ours tell its hint: the toolkit shows no more than what it says."""
    try:
        yield
    except FaultError as error:
        raise type(error)(f"{error} ({error.hint})" if error.hint else str(error)) from error


def _told(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "fault": record.fault,
        "target": record.target,
        "parameters": dict(record.parameters),
        "in_effect": record.phase is Phase.INJECTED,
    }
