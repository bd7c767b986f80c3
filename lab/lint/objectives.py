"""Objectives that nothing can meet, or that name what is not there."""

from collections.abc import Mapping

from faults.core import parameters_of
from lab.lint.bounds import of_bound
from lab.lint.known import FINGERPRINTS, ROUTES
from lab.lint.problem import Found, doubled, unknown
from lab.scenario import (
    MILESTONES,
    LatencyP95,
    LevelAbove,
    LevelBelow,
    LevelProbe,
    Mode,
    Objective,
    Probe,
    Scenario,
    SuccessRatio,
    TriggerSurvived,
    Unchanged,
    Within,
    held,
)

POINTS = 100


def of_objectives(scenario: Scenario) -> Found:
    """What is wrong with each objective, and with all of them together."""
    for name in doubled(o.id for o in scenario.objectives):
        yield f"objective {name}", "is there more than once"
    if not any(o.required for o in scenario.objectives):
        yield "objectives", "none is required, so every run passes"
    total = sum(o.points for o in scenario.objectives)
    if total != POINTS:
        yield "objectives", f"their points add up to {total}, wanted {POINTS}"
    for objective in scenario.objectives:
        for wrong in _of_one(scenario, objective):
            yield f"objective {objective.id}", wrong


def _of_one(scenario: Scenario, objective: Objective) -> list[str]:
    found = [*_of_probe(objective.probe), *_of_trigger(scenario, objective.probe)]
    if objective.points < 0:
        found.append(f"points is {objective.points}: it cannot be less than 0")
    if isinstance(objective.probe, Within) and objective.probe.limit_s > scenario.limit_s:
        limits = f"{objective.probe.limit_s:g}, longer than the run's of {scenario.limit_s:g}"
        found.append(f"limit_s is {limits}: the run is over by then")
    return [*found, *(_of_hold(scenario, objective) if held(objective.probe) else ())]


def _of_hold(scenario: Scenario, objective: Objective) -> list[str]:
    hold_s, again_s = objective.hold_s, _comes_back_s(scenario)
    if hold_s <= 0:
        return [f"hold_s is {hold_s:g}: it must hold for a while, or nothing was shown"]
    if hold_s > scenario.limit_s:
        return [f"hold_s is {hold_s:g}, longer than the run's limit_s of {scenario.limit_s:g}"]
    if hold_s < 2 * again_s:
        return [f"hold_s is {hold_s:g}: the cause needs {again_s:g} s to come back, a hold twice that"]
    return []


def _comes_back_s(scenario: Scenario) -> float:
    """How long the slowest cause says that it needs to come back."""
    timelines = (scenario.timeline, *(variant.timeline for variant in scenario.variants))
    faults = [inject.fault for timeline in timelines for inject in timeline]
    return max((float(parameters_of(fault).get("again_s") or 0.0) for fault in faults), default=0.0)


def _of_probe(probe: Probe) -> list[str]:
    match probe:
        case SuccessRatio(at_least_ratio=ratio, route=route):
            bad = [] if 0 < ratio <= 1 else [f"at_least_ratio is {ratio:g}: a ratio is above 0 and at most 1"]
            return [*bad, *_of_route(route), *_of_mode(probe)]
        case LatencyP95(at_most_ms=bound_ms, route=route):
            bad = [] if bound_ms > 0 else [f"at_most_ms is {bound_ms:g}: nothing is answered in no time"]
            return [*bad, *_of_route(route)]
        case LevelBelow() | LevelAbove():
            return of_bound(probe)
        case Unchanged(fingerprint=name):
            return [] if name in FINGERPRINTS else [unknown("fingerprint", name, FINGERPRINTS)]
        case Within(milestone=milestone, limit_s=limit_s):
            bad = [] if limit_s > 0 else [f"limit_s is {limit_s:g}: nobody is that fast"]
            return bad if milestone in MILESTONES else [*bad, unknown("milestone", milestone, MILESTONES)]
        case _:
            return []


def _of_mode(probe: SuccessRatio) -> list[str]:
    if probe.mode in (Mode.HELD, Mode.THROUGHOUT):
        return []
    return [f"mode is {probe.mode.value}: what users see is held, or a guard rail throughout"]


def _of_route(route: str | None) -> list[str]:
    return [] if route is None or route in ROUTES else [unknown("route", route, ROUTES)]


def _of_trigger(scenario: Scenario, probe: Probe) -> list[str]:
    """A replay judges *served* by what users saw and *recovered* by a reading; it can do no other."""
    if not isinstance(probe, TriggerSurvived):
        return []
    probes = {o.id: o.probe for o in scenario.objectives}
    found = [] if probe.served or probe.recovered else ["names nothing that must survive"]
    found += _named("served", probe.served, probes, (SuccessRatio, LatencyP95))
    found += _named("recovered", probe.recovered, probes, (LevelBelow, LevelAbove))
    return found + [
        f"{field}: objective {name!r} is not held for a while, so it cannot come back"
        for field, names in (("served", probe.served), ("recovered", probe.recovered))
        for name in names
        if isinstance(probes.get(name), LevelProbe | SuccessRatio) and not held(probes[name])
    ]


def _named(
    field: str, names: tuple[str, ...], probes: Mapping[str, Probe], wanted: tuple[type, ...]
) -> list[str]:
    kinds = " or ".join(kind.__name__ for kind in wanted)
    fitting = [name for name, probe in probes.items() if isinstance(probe, wanted)]
    return [f"{field}: {unknown('objective', name, fitting)}" for name in names if name not in probes] + [
        f"{field}: objective {name!r} is a {type(probes[name]).__name__}, wanted {kinds}"
        for name in names
        if name in probes and not isinstance(probes[name], wanted)
    ]
