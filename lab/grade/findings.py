"""What a report says beside its grades: none of it changes a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something that a reader should look at before trusting the rest; *id* is for machines."""

    id: str
    text: str


class Outcome(Enum):
    """What became of the incident, whatever the verdict on the run is."""

    UNSOLVED = "unsolved"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class SettingLeft:
    """A setting that is not what it was at the start, and beyond what the scenario *wanted* of it."""

    on: str
    setting: str
    was: float
    now: float
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Handling:
    """How the incident was worked on, as far as what was done is recorded.

    Times count from the page (from the impact where nothing paged). *first_look* is the first look at a
    component of the truth; *fixed_by* the last act before users were served again for good; *false_starts*
    are traps before the cure. *sessions_ended* counts statements, *sessions_ended_unaimed* those that chose
    nobody by what they did. *extra_outage_s*: users were hurt anew within seconds of an act.
    """

    first_look: str
    first_look_t: float | None
    first_look_s: float | None
    fixed_by: str
    fixed_by_t: float | None
    false_starts: int
    restarts: int
    sessions_ended: int
    sessions_ended_unaimed: int
    extra_outage_s: float
    hints: int
    settings_left: tuple[SettingLeft, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Downtime:
    """How long users were without service, and what that cost the shop; *cost* None: the scenario does not
    say.
    """

    lasted_s: float
    cost_per_min: float | None
    cost: float | None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Requests that users lost, from the end of the baseline to the end of the drill."""

    requests: int
    failed: int
    expected: int
    allowed_ratio: float
    failed_by_route: Mapping[str, int]

    @property
    def burnt_ratio(self) -> float:
        """Failed requests over those that the objective allows: 1 is the whole budget."""
        allowed = self.requests * self.allowed_ratio
        return self.failed / allowed if allowed else 0.0
