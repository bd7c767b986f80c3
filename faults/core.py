"""What a fault is: a frozen dataclass of parameters, what is known about it, and four verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from faults.parameters import check

Receipt: TypeAlias = Mapping[str, str | int | float]
"""All that `revert` needs, JSON-safe, so that another process can undo the fault."""


class Kind(Enum):
    """What a fault can be done to."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    REDIS = "redis"
    CONTAINER = "container"
    DEPLOYMENT = "deployment"


class Undo(Enum):
    """How a fault goes away: by its inverse, or by making the target anew from its image."""

    INVERSE = "inverse"
    REBUILD = "rebuild"


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known about a fault whatever its parameters are.

    *touches* names what of the target it alters, with {parameter} for what depends on one
    ("setting:maxmemory", "index:{index}", "lock:*"): two faults that touch the same thing of one target
    exclude each other (see `faults.touches`). *lasts*: whether it outlasts a restart of the victim: yes, no,
    perhaps, or the {parameter} that says so; who has ended it is told by that. *see* says where the victim
    shows it, *fix* how an engineer ends it. *settle_s* is the longest that it takes to bite. *ends*: how it
    ends without anybody's doing, where it does. *on_replica*: the target must be a replica. *takes_down*: the
    victim is down while it lasts, so whoever starts it again has fixed it. *instant*: it bites as soon as it
    is done; not so where its nature takes load, work on files or a restart. *needs*: what a target must have
    that most have not. *one_strength*: why no parameter makes it milder or more severe, where that is so.
    """

    id: str
    kind: Kind
    undo: Undo
    touches: tuple[str, ...]
    see: str
    fix: str
    lasts: str = "yes"
    settle_s: float = 15.0
    instant: bool = True
    ends: str = ""
    needs: str = ""
    one_strength: str = ""
    on_replica: bool = False
    takes_down: bool = False


class Fault(Protocol):
    """One reversible thing that goes wrong with one service.

    The target is whatever narrow view the fault declares: a pod controller, a database server, a container.
    """

    about: ClassVar[About]

    def prepare(self, target: Any, /) -> Receipt:
        """Look, do not touch: old values and the names to be used. Written down before `inject`."""

    def inject(self, target: Any, receipt: Receipt, /) -> None:
        """Make it happen."""

    def active(self, target: Any, receipt: Receipt, /) -> bool:
        """Tell whether the damage is there now, by asking the victim."""

    def revert(self, target: Any, receipt: Receipt, /) -> str | None:
        """Undo from the receipt alone. Idempotent; safe half-applied, after a crash, after a fix by hand.

        What is in the way and is not ours is left alone, and said.
        """


@runtime_checkable
class EndsItself(Protocol):
    """A fault that may also end without anybody's doing, and that can tell (see `About.ends`)."""

    def ended_itself(self, target: Any, receipt: Receipt, /) -> str:
        """How it ended by itself; empty where somebody ended it. Asked once it is not active any more."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Base of a fault's dataclass: its parameters are checked against their declared bounds."""

    def __post_init__(self) -> None:
        check(self)


def touched(fault: Fault) -> frozenset[str]:
    """What the fault touches of its target, its parameters filled in."""
    values = parameters_of(fault)
    return frozenset(pattern.format(**values) for pattern in fault.about.touches)


def outlasts_restart(fault: Fault) -> bool:
    """Whether it is there still once its victim was restarted, its parameters filled in."""
    return fault.about.lasts.format(**parameters_of(fault)) == "yes"


def parameters_of(fault: Fault) -> dict[str, Any]:
    """The values of the fault's parameters, by name."""
    return {one.name: getattr(fault, one.name) for one in fields(fault)}  # type: ignore[arg-type]
