"""Doing a fault to a target and undoing it, so that no crash leaves what cannot be undone."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol

from faults.core import EndsItself, Fault, Kind, Receipt, outlasts_restart, parameters_of, touched
from faults.errors import (
    Excluded,
    FaultError,
    ForeignState,
    MissingCapability,
    NoTarget,
    NotInEffect,
    NotReached,
    RevertFailed,
    TargetGone,
)
from faults.store import Phase, Record, Store, alone
from faults.touches import ANSWERS, CONNECTIONS, common
from faults.wait import SYSTEM_CLOCK, Clock, until

BY_RESTART, BY_PERSON, BY_ITSELF = "restart", "person", "itself"
GONE = "target gone"
SHUTS_OUT = frozenset({ANSWERS, CONNECTIONS})
LOOK_WITHIN_S = 10.0
"""A server that answers is looked at closely in half of it, on a busy machine."""


def _leave(_: Record) -> None: ...


class Victim(Protocol):
    """What every target tells of itself."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def started_at(self) -> str: ...


def inject(
    fault: Fault,
    target: Victim,
    store: Store,
    *,
    others: Iterable[Store] = (),
    clock: Clock = SYSTEM_CLOCK,
    notes: Mapping[str, str] | None = None,
) -> Record:
    """Prepare, write the receipt down, act, and wait until the victim itself shows the damage.

    Raises NotInEffect, after reverting, where it does not; Excluded where another fault is in the way.
    Whatever ends it in the middle, it is reverted: RevertFailed where that fails, too.
    *others* are stores that may hold receipts of the same target; they are not kept waiting while this one
    prepares. *notes* are kept with the receipt: what another process needs to find the target again.
    """
    if target.kind is not fault.about.kind:
        raise NoTarget(
            f"{fault.about.id} is done to {fault.about.kind.value}; {target.name} is {target.kind.value}"
        )
    own = store.folder.resolve()
    foreign = tuple({one.folder.resolve(): one for one in others if one.folder.resolve() != own}.values())
    before = _kept_clear(fault, target, store, foreign)
    record = _prepared(fault, target, notes or {})
    with alone(store, foreign):
        _kept_clear(fault, target, store, foreign, before=before)
        store.put(record)
    try:
        _act(fault, target, record)
        _settle(fault, target, record, clock)
    except BaseException:
        _reverted(fault, target, store, record)
        raise
    record = replace(record.now(Phase.INJECTED), victim_started_at=target.started_at)
    store.write(record)
    return record


def _prepared(fault: Fault, target: Victim, notes: Mapping[str, str]) -> Record:
    return Record(
        id=f"{fault.about.id}-{secrets.token_hex(4)}",
        fault=fault.about.id,
        parameters=parameters_of(fault),
        target=target.name,
        receipt=dict(fault.prepare(target)),
        victim_started_at=target.started_at,
        prepared_at=time.time(),
        notes=dict(notes),
    )


def _act(fault: Fault, target: Victim, record: Record) -> None:
    try:
        fault.inject(target, record.receipt)
    except (ForeignState, MissingCapability, NotInEffect):
        raise
    except FaultError as error:
        raise NotInEffect(
            f"{record.fault} could not be done to {target.name} and was reverted: {error}", hint=error.hint
        ) from error


def _settle(fault: Fault, target: Victim, record: Record, clock: Clock) -> None:
    about = fault.about
    try:
        until(
            lambda: fault.active(target, record.receipt) or None,
            what=f"{about.id} shows on {target.name}",
            timeout_s=about.settle_s,
            every_s=0.1,
            clock=clock,
            ignore=(FaultError,),
        )
    except NotReached as error:
        raise NotInEffect(
            f"{about.id} did not bite on {target.name} and was reverted: {error}", hint=f"look: {about.see}"
        ) from None


def _kept_clear(
    fault: Fault,
    target: Victim,
    own: Store,
    foreign: Iterable[Store],
    *,
    before: frozenset[str] | None = None,
) -> frozenset[str]:
    """The receipts that there are; Excluded where one is in the way.

    Those that were not there *before* are so even if undone since: what was prepared may be of their damage.
    """
    from faults.catalog import of_record  # the catalogue imports every family: only where it is needed

    wanted = touched(fault)
    there = (*own.records(), *chain.from_iterable(one.legible() for one in foreign))
    for other in there:
        matters = other.phase.open or (before is not None and other.id not in before)
        if not matters or other.target != target.name:
            continue
        if shared := common(wanted, touched(of_record(other))):
            held = f"{', '.join(shared)}, which {other.fault} holds"
            hint = f"lab fault revert {other.id}" if other.phase.open else "it is undone by now: try again"
            raise Excluded(f"{fault.about.id} on {target.name} would touch {held}", hint=hint)
    return frozenset(one.id for one in there)


def look(fault: Fault, target: Victim, store: Store, record: Record) -> Record:
    """Ask the victim whether the fault is still there; where it is not, write down who ended it.

    One whose injector died before it could say so is injected all the same, where the victim shows it.
    What another process has written down while the victim was asked stands.
    """
    found = _found(fault, target, record)
    return record if found is record else store.further(found, was=record.phase)


def _found(fault: Fault, target: Victim, record: Record) -> Record:
    """The record as the victim shows it now."""
    if record.phase not in (Phase.PREPARED, Phase.INJECTED):
        return record
    there = fault.active(target, record.receipt)
    if there is (record.phase is Phase.INJECTED):
        return record
    if there:
        return replace(record.now(Phase.INJECTED), victim_started_at=target.started_at)
    return record.now(Phase.ENDED, ended_by=_who_ended(fault, target, record))


def _who_ended(fault: Fault, target: Victim, record: Record) -> str:
    if isinstance(fault, EndsItself) and (how := fault.ended_itself(target, record.receipt)):
        return f"{BY_ITSELF} ({how})"
    ends = not (fault.about.takes_down or outlasts_restart(fault))
    return BY_RESTART if ends and target.started_at != record.victim_started_at else BY_PERSON


def revert(fault: Fault, target: Victim, store: Store, record: Record) -> Record:
    """Look who ended it, if somebody has; then undo it and see the damage gone.

    Raises RevertFailed, keeping the receipt. Whatever keeps us from a look keeps us from no undo; where the
    fault itself may do so, nobody waits long for it, and who ended it is told only if it was seen by then.
    """
    with contextlib.suppress(Exception):
        if touched(fault) & SHUTS_OUT:
            found = _in_time(lambda: _found(fault, target, record)) or record
        else:
            found = _found(fault, target, record)
        record = found if found is record else store.further(found, was=record.phase)
    return _reverted(fault, target, store, record)


def _in_time(ask: Callable[[], Record]) -> Record | None:
    """What it finds within LOOK_WITHIN_S; None where it finds nothing, or is at it still."""
    found: list[Record] = []

    def asked() -> None:
        with contextlib.suppress(Exception):
            found.append(ask())

    thread = threading.Thread(target=asked, daemon=True)
    thread.start()
    thread.join(LOOK_WITHIN_S)
    return found[0] if found else None


def _reverted(fault: Fault, target: Victim, store: Store, record: Record) -> Record:
    """Undo it from the receipt alone."""
    try:
        left = undo(fault, target, record.receipt)
    except Exception as error:
        raise RevertFailed(
            f"{record.fault} on {target.name} could not be undone: {error}",
            hint=f"lab fault revert {record.id}",
        ) from error
    record = replace(record.now(Phase.REVERTED), left=left)
    store.write(record)
    return record


def undo(
    fault: Fault,
    target: Any,
    receipt: Receipt,
    *,
    within_s: float = 30,
    clock: Clock = SYSTEM_CLOCK,
    ignore: tuple[type[Exception], ...] = (FaultError,),
) -> str:
    """Revert it and see the damage gone; what was left alone. Raises what the fault does, or NotReached.

    *ignore* are the errors of a look that the next one may not meet.
    """
    left = fault.revert(target, receipt) or ""
    until(
        lambda: not fault.active(target, receipt) or None,
        what=f"{fault.about.id} is gone",
        timeout_s=within_s,
        clock=clock,
        ignore=ignore,
    )
    return left


def recover(
    records: Iterable[Record],
    resolve: Callable[[Record], tuple[Fault, Any]],
    store: Store,
    *,
    sweep: Callable[[Record], None] = _leave,
) -> dict[str, str]:
    """Revert all that is open, newest first; by record, what came of it.

    One that cannot be undone, for whatever reason, keeps none of the others. A target that is gone took its
    fault with it: that counts as reverted, and is said, once *sweep* has removed what stood beside it.
    """
    outcome: dict[str, str] = {}
    for record in sorted(records, key=lambda one: -one.prepared_at):
        try:
            outcome[record.id] = _undone(record, resolve, store, sweep)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are undone
            outcome[record.id] = f"failed: {error}"
    return outcome


def _undone(
    record: Record,
    resolve: Callable[[Record], tuple[Fault, Any]],
    store: Store,
    sweep: Callable[[Record], None],
) -> str:
    """Revert one; in a word, what came of it."""
    try:
        fault, target = resolve(record)
    except TargetGone:
        sweep(record)
        store.write(record.now(Phase.REVERTED, ended_by=GONE))
        return GONE
    left = revert(fault, target, store, record).left
    return f"reverted; {left}" if left else "reverted"
