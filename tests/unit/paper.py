"""A victim of paper, and the fault that tears it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo


def nothing() -> None: ...


@dataclass
class Paper:
    """A victim; *inside* runs in the middle of what is done to it, *undoing* in the middle of the undo."""

    name: str = "paper"
    kind: Kind = Kind.CONTAINER
    started_at: str = "once"
    inside: Callable[[], None] = nothing
    undoing: Callable[[], None] = nothing
    looking: Callable[[], None] = nothing
    asking: Callable[[], None] = nothing
    bites: bool = True
    heals: bool = False
    foreign: str | None = None
    done: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Torn(Checked):
    """Paper is torn."""

    about: ClassVar[About] = About(
        id="host.cpu_limit",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("cpu",),
        see="holes",
        fix="glue",
        settle_s=0.0,
    )

    def prepare(self, target: Paper) -> Receipt:
        target.looking()
        return {}

    def inject(self, target: Paper, receipt: Receipt) -> None:
        target.done.append("half")
        target.inside()
        target.done.append("whole")

    def active(self, target: Paper, receipt: Receipt) -> bool:
        target.asking()
        return target.bites and "whole" in target.done

    def revert(self, target: Paper, receipt: Receipt) -> str | None:
        target.undoing()
        target.done.clear()
        return target.foreign


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail
