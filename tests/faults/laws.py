"""What every fault owes: before, during, after, on the victim's own word and as a client feels it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from faults.actors import LABEL
from faults.container import Container
from faults.core import Fault
from faults.lifecycle import BY_ITSELF, BY_PERSON, BY_RESTART, inject, look, recover, revert
from faults.store import Phase, Store
from faults.wait import until
from tests.faults.servers import Server, Yard
from tests.faults.strengths import AS_EVER, End, ends_of


def nothing(_: Any) -> None:
    """No preparation is needed."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault as it is tried.

    *server* gives the victim, *felt* what one of its clients meets: "" when served as usual, else a trouble
    and what sets it apart from the same trouble of another cause. *expects*, a regular expression, is this
    one trouble and no other. *by_hand* is what an engineer does about it.
    *restart_ends*: whether the damage is over once the victim was restarted (None: not tried, say why in
    *untried*). *before* prepares the victim, *after* waits for what an undo takes. *every_run* cases run on
    every submission, one for each mechanism at least. *or_itself*: what a person does about it cannot be told
    from its end by itself. *unfelt*: why *felt* has to ask the victim itself, as no client meets it yet.
    *mild* and *severe*: what is otherwise at these ends of the fault's parameters.
    *variant* tells a second case of one fault from the first.
    """

    fault: Fault
    server: Callable[[Yard], Server]
    felt: Callable[[Any], str]
    expects: str
    by_hand: Callable[[Any], None]
    restart_ends: bool | None = None
    before: Callable[[Any], None] = nothing
    after: Callable[[Any], None] = nothing
    every_run: bool = False
    untried: str = ""
    or_itself: bool = False
    unfelt: str = ""
    mild: End = AS_EVER
    severe: End = AS_EVER
    variant: str = ""

    @property
    def id(self) -> str:
        """The fault's id, and the variant's."""
        return "-".join(filter(None, (self.fault.about.id, self.variant)))

    def at(self, name: str) -> "Case":
        """The case with all *mild* or all *severe* values of its fault, the others as they are."""
        end: End = getattr(self, name)
        return replace(
            self,
            fault=replace(self.fault, **ends_of(self.fault)[name]),  # type: ignore[type-var]
            felt=end.felt or self.felt,
            expects="" if end.unfelt else end.expects or self.expects,
            variant="-".join(filter(None, (self.variant, name))),
        )


def settled(case: Case, server: Any) -> None:
    """After an undo the server serves its clients again, whatever the undo was."""
    server.wait()
    case.after(server)


def beside(target: Any) -> list[str]:
    """The containers that stand beside a victim for its faults: clients that misbehave, helpers."""
    container = target if isinstance(target, Container) else target.container
    marked = f"{LABEL}={target.name}"
    found = container.engine.containers.list(all=True, filters={"label": marked}, ignore_removed=True)
    return sorted(str(one.name) for one in found)


def unnoted(name: str, value: object) -> None:
    """Nobody wants to know."""


def life(case: Case, yard: Yard, store: Store, note: Callable[[str, object], None] = unnoted) -> None:
    """Before, during, after; reverted twice. *note* is told how long each took, an undo until it serves."""
    server = case.server(yard)
    case.before(server)
    target = server.target
    before = case.felt(server)
    assert before == "", f"clients are served before, not {before}"
    stood = beside(target)
    began = time.monotonic()
    record = inject(case.fault, target, store)
    note("inject_to_active_s", time.monotonic() - began)
    try:
        assert case.fault.active(target, record.receipt)
        met = case.felt(server)
        assert re.search(case.expects, met), f"a client feels {case.expects!r}, not {met!r}"
        assert look(case.fault, target, store, record).phase is Phase.INJECTED
    finally:
        began = time.monotonic()
        revert(case.fault, target, store, record)
    server.wait()
    note("undo_s", time.monotonic() - began)
    assert beside(target) == stood, "what stood beside the victim for the fault is gone"
    settled(case, server)
    assert not case.fault.active(target, record.receipt)
    assert case.felt(server) == "", "clients are served again"
    revert(case.fault, target, store, record)
    settled(case, server)
    assert case.felt(server) == "", "a second revert does no harm"
    assert beside(target) == stood
    assert store.open() == ()


def fixed_by_hand(case: Case, yard: Yard, store: Store) -> None:
    """An engineer ends it, and it is reverted at once, which does no harm; the record says a person did."""
    server = case.server(yard)
    case.before(server)
    target = server.target
    stood = beside(target)
    record = inject(case.fault, target, store)
    try:
        case.by_hand(server)
        assert not case.fault.active(target, record.receipt), "the fix by hand ends the damage"
        assert case.felt(server) == ""
    finally:
        record = revert(case.fault, target, store, record)
    assert record.phase is Phase.REVERTED
    told = record.ended_by == BY_PERSON or (case.or_itself and record.ended_by.startswith(BY_ITSELF))
    assert told, record.ended_by or "nobody"
    assert beside(target) == stood
    settled(case, server)
    assert case.felt(server) == ""


def restarted(case: Case, yard: Yard, store: Store) -> None:
    """The victim is restarted while the fault is active: it is over or not, as declared."""
    server = case.server(yard)
    case.before(server)
    target = server.target
    stood = beside(target)
    record = inject(case.fault, target, store)
    try:
        server.restart()
        until(
            lambda: case.fault.active(target, record.receipt) is not case.restart_ends or None,
            what=f"{case.id} is {'over' if case.restart_ends else 'back'} after the restart",
            timeout_s=30,
        )
        record = look(case.fault, target, store, record)
        by = BY_PERSON if case.fault.about.takes_down else BY_RESTART
        assert record.ended_by == (by if case.restart_ends else "")
    finally:
        revert(case.fault, target, store, record)
    assert beside(target) == stood
    settled(case, server)
    assert case.felt(server) == ""


def recovered(case: Case, yard: Yard, folder: Path, stood: list[str]) -> None:
    """Whatever is written in *folder* is undone by this process, which did not do it; twice.

    Beside the victim nothing runs then but what *stood* there before.
    """
    server, store = case.server(yard), Store(folder=folder)
    for _ in range(2):
        outcome = recover(store.records(), lambda _: (case.fault, server.target), store)
        assert all(said == "reverted" for said in outcome.values()), outcome
        assert beside(server.target) == stood, "what stood beside the victim for the fault is gone"
        settled(case, server)
        assert case.felt(server) == ""
