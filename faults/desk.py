"""One place to do faults to containers by name, to ask how they stand, and to undo them in any process."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker

from faults.actors import sweep
from faults.catalog import of_record
from faults.core import Fault, Kind
from faults.errors import BadParameter, FaultError, TargetGone
from faults.lifecycle import BY_PERSON, BY_RESTART, GONE, inject, look, recover
from faults.store import Phase, Record, Store
from faults.targets import Way, require, target

LOGINS, DATABASE = "logins", "database"
WHO = {BY_PERSON: "a person", BY_RESTART: "a restart"}


def _nothing(_: Kind) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A record that is open, and in a word how it stands with its victim."""

    record: Record
    word: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Works on *engine*, keeps receipts in *store*; *known* are the passwords of an engine's roles.

    *others* are stores that may speak of the same containers: what they hold is kept clear of.
    """

    engine: docker.DockerClient
    store: Store
    known: Callable[[Kind], Mapping[str, str]] = _nothing
    others: tuple[Store, ...] = ()

    def inject(
        self, fault: Fault, container: str, *, logins: Mapping[str, str] | None = None, database: str = "shop"
    ) -> Record:
        """Do it, and see it bite. *logins*: by role, the environment's variable that holds its password."""
        notes = {LOGINS: " ".join(f"{role}={name}" for role, name in (logins or {}).items())}
        notes[DATABASE] = database
        for role, name in (logins or {}).items():
            if name not in os.environ:
                raise BadParameter(
                    f"the password of {role} is to be in {name}, and the environment has no such variable"
                )
        require(self.engine, fault.about.kind, container)
        victim = self._target(fault, container, notes)
        return inject(fault, victim, self.store, others=self.others, notes=notes)

    def standings(self) -> tuple[Standing, ...]:
        """How all that is open stands, oldest first."""
        return tuple(self._standing(record) for record in self.store.open())

    def revert(self, records: Iterable[Record]) -> dict[str, str]:
        """Undo them, newest first; by record, what came of it."""
        return recover(records, self._resolve, self.store, sweep=self._sweep)

    def _standing(self, record: Record) -> Standing:
        try:
            record = look(*self._resolve(record), self.store, record)
        except TargetGone:
            return Standing(record=record, word=GONE)
        except FaultError as error:
            return Standing(record=record, word=f"unknown: {error}")
        return Standing(record=record, word=_word(record))

    def _sweep(self, record: Record) -> None:
        sweep(self.engine, record.target, record.receipt)

    def _resolve(self, record: Record) -> tuple[Fault, Any]:
        fault = of_record(record)
        return fault, self._target(fault, record.target, record.notes)

    def _target(self, fault: Fault, container: str, notes: Mapping[str, str]) -> Any:
        pairs = (pair.split("=", 1) for pair in notes.get(LOGINS, "").split())
        given = {role: os.environ[name] for role, name in pairs if name in os.environ}
        passwords = {**self.known(fault.about.kind), **given}
        way = Way(container=container, passwords=passwords, database=notes.get(DATABASE, "shop"))
        return target(self.engine, fault.about.kind, way)


def _word(record: Record) -> str:
    if record.phase is Phase.INJECTED:
        return "active"
    if record.phase is Phase.ENDED:
        return f"ended by {WHO.get(record.ended_by, record.ended_by)}"
    return "half done"
