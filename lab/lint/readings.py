"""Readings that a scenario declares and nobody could take, or that are called what another is called."""

import re
from collections.abc import Iterator

from lab.lint.known import READINGS
from lab.lint.metrics import asked, known_metrics
from lab.lint.problem import Found, unknown
from lab.readings import Declared, PromQL
from lab.scenario import LevelProbe, Objective, Scenario

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
QUICKEST_S, FEWEST = 1.0, 3


def of_readings(scenario: Scenario) -> Found:
    """What is wrong with what the objectives read."""
    before: dict[str, Declared] = {}
    for objective in scenario.objectives:
        probe = objective.probe
        if not isinstance(probe, LevelProbe):
            continue
        for wrong in _of_level(objective, probe):
            yield f"objective {objective.id}", wrong
        if not isinstance(probe.reading, str):
            other = before.setdefault(probe.name, probe.reading)
            if other != probe.reading:
                yield f"objective {objective.id}", f"reading {probe.name}: another one is called so"


def _of_level(objective: Objective, probe: LevelProbe) -> Iterator[str]:
    reading = probe.reading
    if isinstance(reading, str):
        if reading not in READINGS:
            yield unknown("reading", reading, READINGS)
        return
    if 0 < objective.hold_s < FEWEST * reading.every_s:
        yield f"hold_s is {objective.hold_s:g}: fewer than {FEWEST} readings, one every {reading.every_s:g} s"
    for wrong in (*_of_name(reading), *_of_query(reading)):
        yield f"reading {reading.name}: {wrong}"


def _of_name(reading: Declared) -> Iterator[str]:
    if not NAME.fullmatch(reading.name):
        yield "its name is not words of a-z and 0-9 with underscores between them, a letter first"
    if reading.name in READINGS:
        yield "every lab has a reading of this name"
    if reading.every_s < QUICKEST_S:
        yield f"every_s is {reading.every_s:g}: at most once a second"


def _of_query(reading: Declared) -> Iterator[str]:
    match reading:
        case PromQL(query=query):
            yield from _of_promql(query)


def _of_promql(query: str) -> Iterator[str]:
    try:
        names = dict.fromkeys(asked(query))
    except ValueError as error:
        yield f"no PromQL: {error}"
        return
    metrics = known_metrics()
    for name in names:
        if not metrics.has(name):
            yield unknown("metric", name, metrics.names)
