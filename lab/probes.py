"""What an objective looks at. Values only."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from lab.readings import PROMETHEUS, Declared


class Mode(Enum):
    """When a reading must be in bounds.

    HELD: for the objective's hold, up to the end. AT_END: at the end. THROUGHOUT: from the page to the end, a
    guard rail. NEVER: out of bounds at no time after the baseline, or it is damage.
    """

    HELD = "held"
    AT_END = "at the end"
    THROUGHOUT = "throughout"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class SuccessRatio:
    """The share of requests answered as they should be, on *route* (None: all routes together).

    HELD it is what must be restored; THROUGHOUT it is a guard rail: what works must go on working.
    """

    at_least_ratio: float
    route: str | None = None
    mode: Mode = Mode.HELD


@dataclass(frozen=True, kw_only=True)
class LatencyP95:
    """The 95th percentile from scheduled start to answer, on *route* (None: all routes together)."""

    at_most_ms: float
    route: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Level:
    """A reading: by its name (see `lab.lint.known.READINGS`), or declared here."""

    reading: str | Declared
    unit: str
    mode: Mode = Mode.HELD

    @property
    def name(self) -> str:
        """What the reading is called in the journal."""
        return self.reading if isinstance(self.reading, str) else self.reading.name

    @property
    def source(self) -> str:
        """Who is asked for it, in words."""
        return PROMETHEUS if isinstance(self.reading, str) else self.reading.source

    @property
    def counter(self) -> bool:
        """Whether it only grows, so that its growth is judged: since the page or the baseline."""
        return not isinstance(self.reading, str) and self.reading.counter

    @property
    def every_s(self) -> float:
        """How often it is taken."""
        return 1.0 if isinstance(self.reading, str) else self.reading.every_s


@dataclass(frozen=True, kw_only=True)
class LevelBelow(_Level):
    """A reading that must stay at or under a level."""

    at_most: float

    @property
    def bound(self) -> float:
        """The number that it is compared with."""
        return self.at_most

    @property
    def words(self) -> str:
        """The bound as a sentence says it, without its number."""
        return "at most"

    def outside(self, value: float) -> bool:
        """Whether a value is out of bounds."""
        return value > self.at_most


@dataclass(frozen=True, kw_only=True)
class LevelAbove(_Level):
    """A reading that must stay at or over a level."""

    at_least: float

    @property
    def bound(self) -> float:
        """The number that it is compared with."""
        return self.at_least

    @property
    def words(self) -> str:
        """The bound as a sentence says it, without its number."""
        return "at least"

    def outside(self, value: float) -> bool:
        """Whether a value is out of bounds."""
        return value < self.at_least


LevelProbe: TypeAlias = LevelBelow | LevelAbove


@dataclass(frozen=True, kw_only=True)
class TriggerSurvived:
    """The trigger is replayed: *served* objectives hold through it, *recovered* ones are back after it."""

    served: tuple[str, ...]
    recovered: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LedgerIntact:
    """No acknowledged write lost, doubled or changed."""


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """A fingerprint taken at the baseline is the same at the end."""

    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class LoadUntouched:
    """The load ran as planned throughout; where it did not, the verdict is unknown."""


@dataclass(frozen=True, kw_only=True)
class Diagnosed:
    """The trainee named component, fault and evidence as the truth has them."""


@dataclass(frozen=True, kw_only=True)
class Within:
    """A milestone reached within so many seconds."""

    milestone: str
    limit_s: float


Probe: TypeAlias = (
    SuccessRatio
    | LatencyP95
    | LevelBelow
    | LevelAbove
    | TriggerSurvived
    | LedgerIntact
    | Unchanged
    | LoadUntouched
    | Diagnosed
    | Within
)

MILESTONES = ("acknowledged", "status_update", "diagnosed", "mitigated", "resolved")
