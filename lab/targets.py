"""Whom a run's times are meant for: the same scenario with longer or shorter targets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.scenario import Objective, Scenario

STANDARD = "standard"
FACTORS: Mapping[str, float] = {"learner": 2.0, STANDARD: 1.0, "expert": 0.5}


def targeted(scenario: "Scenario", targets: str) -> "Scenario":
    """The scenario with its times for *targets*; ValueError for a name that is none of `FACTORS`.

    A drill lasts no shorter for experts, and twice as long for learners: no target lies beyond its end.
    """
    if targets not in FACTORS:
        raise ValueError(f"targets must be one of {', '.join(FACTORS)}, got {targets!r}")
    factor = FACTORS[targets]
    if factor == 1:
        return scenario
    return replace(
        scenario,
        limit_s=scenario.limit_s * max(1.0, factor),
        objectives=tuple(_timed(objective, targets, factor) for objective in scenario.objectives),
    )


def _timed(objective: "Objective", targets: str, factor: float) -> "Objective":
    from lab.scenario import Within  # most verbs want the names above alone

    probe = objective.probe
    if not isinstance(probe, Within):
        return objective
    claim = f"{objective.claim} ({targets}: {factor:g} times that)"
    return replace(objective, claim=claim, probe=replace(probe, limit_s=probe.limit_s * factor))
