"""What a judgement is made of: values that go to JSON as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from lab.grade.findings import Budget, Downtime, Flag, Handling, Outcome
from lab.recogniser import CameOfIt

Number: TypeAlias = float | int | str | None


class Verdict(Enum):
    """What came of a claim; our own trouble is unknown, never a fail."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        """What `lab` exits with."""
        return {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.UNKNOWN: 3}[self]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What an objective looks at, for those who draw it: *kind* is success, p95 or level.

    *wanted* says on which side of the *bound* it must be.
    """

    kind: str
    name: str
    bound: float
    unit: str
    wanted: str = "at most"


@dataclass(frozen=True, kw_only=True)
class Grade:
    """One objective judged. *because* is one sentence with value, bound, source and time."""

    objective: str
    claim: str
    category: str
    required: bool
    verdict: Verdict
    earned: float
    possible: int
    because: str
    evidence: Mapping[str, Number] = field(default_factory=dict)
    measure: Measure | None = None


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """When a step of the incident was reached. *counted_from* is page or impact; *met* None: nothing to
    time.
    """

    name: str
    counted_from: str
    target_s: float | None
    at_t: float | None
    took_s: float | None
    met: bool | None


@dataclass(frozen=True, kw_only=True)
class Outage:
    """From the first bad request to the start of the hold that ended it (None: it never did)."""

    start_t: float
    end_t: float | None
    objectives: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that the trainee did and what came of it; *tone* is trap, good or plain.

    *came_of_it* says it in sentences, *aftermath* in a word for machines.
    """

    id: str
    tone: str
    t: float
    did: str
    came_of_it: str
    aftermath: CameOfIt


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the timeline; *lane* says whose: trainee, lab or alert."""

    t: float
    kind: str
    lane: str
    text: str


@dataclass(frozen=True, kw_only=True)
class HintTaken:
    """A hint and what it cost."""

    n: int
    t: float
    price: float


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an image was: its *tag* has the hash of its sources; *digest* is the engine's, "" if not known."""

    tag: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run judged: the same history always gives the same one."""

    scenario: str
    title: str
    run_id: str
    lab: str
    verdict: Verdict
    outcome: Outcome
    because: tuple[str, ...]
    score: int
    grades: tuple[Grade, ...]
    milestones: tuple[Milestone, ...]
    outages: tuple[Outage, ...]
    budget: Budget
    downtime: Downtime
    notices: tuple[Notice, ...]
    flags: tuple[Flag, ...]
    handling: Handling
    hints: tuple[HintTaken, ...]
    timeline: tuple[Entry, ...]
    started_t: float | None
    ended_t: float | None
    page_t: float | None
    impact_t: float | None
    mitigated_t: float | None
    resolved_t: float | None
    speed: float
    targets: str
    calm: bool
    versions: Mapping[str, str]
    images: Mapping[str, Image]
    seed: int | None
    machine: Mapping[str, Number]

    @property
    def exit_code(self) -> int:
        """What `lab` exits with: 0 pass, 1 fail, 3 unknown."""
        return self.verdict.exit_code
