"""Helpers that a killed command left: removed, and nobody's who is alive."""

from collections.abc import Callable, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from faults import helpers


@dataclass
class Helper:
    """A container that the engine lists."""

    name: str
    status: str = "exited"
    lab: str = "main"
    target: str = "main-redis"
    yard: "Yard" = field(default_factory=lambda: Yard())

    @property
    def id(self) -> str:
        return self.name

    @property
    def labels(self) -> dict[str, str]:
        return {helpers.LABEL: self.target} | ({helpers.LAB: self.lab} if self.lab else {})

    def remove(self, *, force: bool) -> None:
        self.yard.there.remove(self)


@dataclass
class Yard:
    """An engine and its clock; *meanwhile* is what others do while somebody sleeps."""

    there: MutableSequence[Helper] = field(default_factory=list)
    meanwhile: Callable[["Yard"], None] = lambda _: None
    slept_s: float = 0.0

    def holding(self, *several: Helper) -> "Yard":
        for one in several:
            one.yard = self
            self.there.append(one)
        return self

    @property
    def containers(self) -> "Yard":
        return self

    def list(self, **_: object) -> Sequence[Helper]:
        return [*self.there]

    def now_s(self) -> float:
        return self.slept_s

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.meanwhile(self)

    def swept(self, **of: Any) -> tuple[str, ...]:
        return helpers.sweep(cast("Any", self), clock=self, **of)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.there}


def test_what_is_still_there_a_little_later_is_removed_and_only_of_whom_it_is_asked() -> None:
    yard = Yard().holding(
        Helper("made", "created"), Helper("over"), Helper("others", lab="team-1"), Helper("nobodys", lab="")
    )
    assert set(yard.swept(labs=("main",))) == {"made", "over"}
    assert yard.names == {"others", "nobodys"}
    assert yard.swept(labs=("",)) == ("nobodys",)
    assert yard.swept(targets=("main-redis",)) == ("others",)


def test_where_there_is_none_nobody_waits() -> None:
    yard = Yard().holding(Helper("others", lab="team-1"))
    assert yard.swept(labs=("main",)) == ()
    assert yard.slept_s == 0


def test_what_its_owner_starts_or_removes_in_the_meantime_is_left_to_them() -> None:
    begun, over = Helper("begun", "created"), Helper("over")

    def owner(yard: Yard) -> None:
        begun.status = "running"
        yard.there = [begun]

    yard = Yard(meanwhile=owner).holding(begun, over)
    assert yard.swept(labs=("main",)) == ()
    assert yard.names == {"begun"}


def test_what_runs_is_waited_for() -> None:
    busy = Helper("busy", "running")

    def ends(yard: Yard) -> None:
        busy.status = "exited" if yard.slept_s > 3 else "running"

    yard = Yard(meanwhile=ends).holding(busy)
    assert yard.swept(labs=("main",)) == ("busy",)


def test_what_never_ends_is_left_alone() -> None:
    yard = Yard().holding(Helper("stuck", "running"), Helper("over"))
    assert yard.swept(labs=("main",)) == ("over",)
    assert yard.names == {"stuck"}
