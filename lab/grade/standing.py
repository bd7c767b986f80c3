"""Where a run stands while it goes on: values that go to JSON as they are."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HoldProgress:
    """How long an objective has held until now; *needs_s* is enough."""

    objective: str
    claim: str
    held_s: float
    needs_s: float

    @property
    def held(self) -> bool:
        """Whether it has held long enough."""
        return self.held_s >= self.needs_s


@dataclass(frozen=True, kw_only=True)
class RouteView:
    """What users saw on a route lately; None where nobody came."""

    success_ratio: float | None
    p95_ms: float | None
    per_s: float


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The run as it is now, from its recent tail.

    *holds* are service objectives and may be shown; *levels* tell the cause and must not be. *ready* says
    that a grade asked for now may go on to the replay.
    """

    overall: RouteView
    routes: Mapping[str, RouteView]
    holds: tuple[HoldProgress, ...]
    levels: tuple[HoldProgress, ...]
    impact_t: float | None

    @property
    def service_held(self) -> bool:
        """Whether all required service objectives have held together for long enough."""
        return all(hold.held for hold in self.holds)

    @property
    def levels_held(self) -> bool:
        """Whether all level objectives have been inside their bounds for long enough."""
        return all(level.held for level in self.levels)

    @property
    def ready(self) -> bool:
        """Whether users are served and levels in bounds, both for long enough."""
        return self.service_held and self.levels_held
