"""What a scenario declares: values only, no I/O, no logic beyond checking bounds and hastening."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from faults.core import Fault
from lab.credit import Credit
from lab.probes import (
    MILESTONES,
    Diagnosed,
    LatencyP95,
    LedgerIntact,
    LevelAbove,
    LevelBelow,
    LevelProbe,
    LoadUntouched,
    Mode,
    Probe,
    SuccessRatio,
    TriggerSurvived,
    Unchanged,
    Within,
)
from lab.readings import HTTP, SQL, Containers, Declared, Fact, PromQL
from lab.recogniser import IN_VAIN, CameOfIt, Recogniser, Trapped
from lab.settings import Bound

# What a scenario's file needs has one place to be imported from.
__all__ = [
    "HTTP",
    "IN_VAIN",
    "MILESTONES",
    "SQL",
    "Accepted",
    "Bound",
    "Burst",
    "CameOfIt",
    "Category",
    "Change",
    "Containers",
    "Credit",
    "Declared",
    "Diagnosed",
    "Fact",
    "Inject",
    "LatencyP95",
    "LedgerIntact",
    "Level",
    "LevelAbove",
    "LevelBelow",
    "LevelProbe",
    "Load",
    "LoadUntouched",
    "Mode",
    "Objective",
    "Probe",
    "PromQL",
    "Recogniser",
    "Replay",
    "Scenario",
    "SuccessRatio",
    "Trapped",
    "TriggerSurvived",
    "Truth",
    "Unchanged",
    "Variant",
    "Within",
    "declared",
    "hastened",
    "held",
    "varied",
]


class Level(Enum):
    """For whom a scenario is meant."""

    FIRST_CALL = "first call"
    ON_CALL = "on call"
    MASTER = "master"


class Category(Enum):
    """What an objective's points count towards."""

    SERVICE = "service"
    RESOLVED = "resolved"
    DATA = "data"
    DIAGNOSIS = "diagnosis"
    TIMES = "times"
    SAFETY = "safety"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """One claim with a number, its probe, how long it must hold, its points.

    *hold_s* counts for SuccessRatio, LatencyP95, and levels that are held. A required objective decides the
    verdict; the others only score. Where no objective of a scenario has points, `lab.weights` gives them.
    """

    id: str
    claim: str
    probe: Probe
    category: Category
    points: int = 0
    hold_s: float = 60.0
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Load:
    """Arrivals per second, whatever the answers do; *options* go to the load generator as they are.

    *hastened_options* names those that speed the cause up when a proof shortens the hold.
    """

    rate_per_s: float = 60.0
    options: Mapping[str, float] = field(default_factory=dict)
    hastened_options: tuple[str, ...] = ()
    peak_per_s: float = 85.0


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Extra arrivals on one route, on top of the load."""

    route: str
    rate_per_s: float
    for_s: float
    options: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What is done after the hold to see whether the cause comes back."""

    burst: Burst
    settle_s: float


@dataclass(frozen=True, kw_only=True)
class Inject:
    """A fault at a time after the end of the baseline.

    *on* is the service that a fault of a server is done to. *hastened* names those of its parameters that are
    times, which a proof shortens as it shortens the hold.
    """

    at_s: float
    fault: Fault
    on: str = ""
    hastened: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """An entry of the history of changes that is older than the drill."""

    minutes_ago: int
    component: str
    what: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Words of which one must be found in an answer, lower case; *partial* ones earn half.

    *others* name something else: each that is found takes half away, so that naming everything earns nothing.
    """

    words: tuple[str, ...]
    partial: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a right diagnosis says, with accepted equivalents."""

    component: Accepted
    fault: Accepted
    evidence: Accepted


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The same incident with another cause: what happens, and what a right diagnosis of it says."""

    name: str
    timeline: tuple[Inject, ...]
    truth: Truth


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One incident: its stack, load, timeline, objectives, replay and truth.

    The first cause is the scenario's own; *variants* are others, one of all is chosen by the run's seed.
    *cost_per_min* is what a minute of outage costs the shop; 0 is not spoken of. *traps* are what is
    recognised beside what `lab.grade.traps` does in every scenario; *trapped* says what must come of those
    that the runbook has. *credit* is what parts of a diagnosis earn, *bounds* what settings may be left at.
    """

    id: str
    title: str
    level: Level
    services: tuple[str, ...]
    release: str
    load: Load
    timeline: tuple[Inject, ...]
    objectives: tuple[Objective, ...]
    replay: Replay
    truth: Truth
    changes: tuple[Change, ...] = ()
    variants: tuple[Variant, ...] = ()
    release_age_s: float = 9.0 * 24 * 3600
    baseline_s: float = 7.0
    hint_prices: tuple[int, ...] = (2, 3, 5)
    traps: tuple[Recogniser, ...] = ()
    trapped: tuple[Trapped, ...] = ()
    credit: Credit = field(default_factory=Credit)
    bounds: tuple[Bound, ...] = ()
    limit_s: float = 45 * 60.0
    cost_per_min: float = 0.0

    def objective(self, objective_id: str) -> Objective:
        """The objective of that id; KeyError where there is none."""
        return {o.id: o for o in self.objectives}[objective_id]


def varied(scenario: Scenario, seed: int) -> Scenario:
    """The scenario with the cause that a run's seed number chooses."""
    turn = seed % (1 + len(scenario.variants))
    if turn == 0:
        return scenario
    chosen = scenario.variants[turn - 1]
    return replace(scenario, timeline=chosen.timeline, truth=chosen.truth)


def held(probe: Probe) -> bool:
    """Whether the probe's objective must hold for a while, up to the end."""
    if isinstance(probe, LevelProbe | SuccessRatio):
        return probe.mode is Mode.HELD
    return isinstance(probe, LatencyP95)


def declared(scenario: Scenario) -> tuple[Declared, ...]:
    """The readings that the scenario declares for itself, each name once."""
    probes = (o.probe for o in scenario.objectives if isinstance(o.probe, LevelProbe))
    readings = (probe.reading for probe in probes if not isinstance(probe.reading, str))
    return tuple({reading.name: reading for reading in readings}.values())


SHORTEST_BASELINE_S = 5.0


def hastened(scenario: Scenario, speed: float) -> Scenario:
    """The same scenario with its holds shortened by *speed* (1 or more) and its cause sped up by as much.

    Only proofs use this. A hold must never be shorter than twice the time the cause needs to come back, so
    both change by the same factor. The baseline is a hold too, of a window at least.
    """
    if speed < 1:
        raise ValueError(f"speed must be 1 or more, got {speed:g}")
    options = {
        name: value * speed if name in scenario.load.hastened_options else value
        for name, value in scenario.load.options.items()
    }
    return replace(
        scenario,
        load=replace(scenario.load, options=options),
        baseline_s=max(min(SHORTEST_BASELINE_S, scenario.baseline_s), scenario.baseline_s / speed),
        timeline=tuple(_sooner(inject, speed) for inject in scenario.timeline),
        objectives=tuple(_shorter(o, speed) for o in scenario.objectives),
        replay=replace(
            scenario.replay,
            settle_s=scenario.replay.settle_s / speed,
        ),
    )


def _shorter(objective: Objective, speed: float) -> Objective:
    """Its hold shortened, and what it reads taken as much more often, up to once a second."""
    objective = replace(objective, hold_s=objective.hold_s / speed)
    probe = objective.probe
    if not isinstance(probe, LevelProbe) or isinstance(probe.reading, str):
        return objective
    every_s = max(min(1.0, probe.every_s), probe.every_s / speed)
    return replace(objective, probe=replace(probe, reading=replace(probe.reading, every_s=every_s)))


def _sooner(inject: Inject, speed: float) -> Inject:
    fault: Any = inject.fault
    shorter = {name: getattr(fault, name) / speed for name in inject.hastened}
    return replace(inject, fault=replace(fault, **shorter)) if shorter else inject
