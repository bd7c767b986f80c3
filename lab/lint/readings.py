"""Readings that a scenario declares and nobody could take, or that are called what another is called."""

import re
from collections import Counter
from collections.abc import Iterator

from lab import deployment
from lab.lint.known import ALWAYS, READINGS
from lab.lint.metrics import asked, known_metrics
from lab.lint.problem import Found, unknown
from lab.readings import HTTP, SERVERS, SQL, Containers, Declared, PromQL
from lab.scenario import LevelProbe, Objective, Scenario, held

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What a read-only session can be asked; one statement, for a second one would be a way out of it.
QUESTION = re.compile(r"\s*(select|with|values|table)\b[^;]*", re.IGNORECASE)
MIN_STATUS, MAX_STATUS = 200, 599
# Of one server. Each may have a session open at a time, and the referee's role has ten of PostgreSQL's.
MOST_QUERIES = 4
QUICKEST_S, FEWEST = 1.0, 3


def of_readings(scenario: Scenario) -> Found:
    """What is wrong with what the objectives read."""
    before: dict[str, Declared] = {}
    for objective in scenario.objectives:
        probe = objective.probe
        if not isinstance(probe, LevelProbe):
            continue
        for wrong in _of_level(objective, probe, scenario):
            yield f"objective {objective.id}", wrong
        if not isinstance(probe.reading, str):
            other = before.setdefault(probe.name, probe.reading)
            if other != probe.reading:
                yield f"objective {objective.id}", f"reading {probe.name}: another one is called so"
    asked_of = Counter(reading.on for reading in before.values() if isinstance(reading, SQL))
    for on, queries in asked_of.items():
        if queries > MOST_QUERIES:
            yield "objectives", f"{queries} readings ask {SERVERS.get(on, on)}, and {MOST_QUERIES} may"


def _of_level(objective: Objective, probe: LevelProbe, scenario: Scenario) -> Iterator[str]:
    reading = probe.reading
    if isinstance(reading, str):
        if reading not in READINGS:
            yield unknown("reading", reading, READINGS)
        return
    if probe.counter and held(probe):
        yield f"reading {reading.name}: a counter never comes back, so it cannot be held: another mode"
    if held(probe) and 0 < objective.hold_s < FEWEST * reading.every_s:
        yield f"hold_s is {objective.hold_s:g}: fewer than {FEWEST} readings, one every {reading.every_s:g} s"
    for wrong in (*_of_name(reading), *_of_query(reading, scenario)):
        yield f"reading {reading.name}: {wrong}"


def _of_name(reading: Declared) -> Iterator[str]:
    if not NAME.fullmatch(reading.name):
        yield "its name is not words of a-z and 0-9 with underscores between them, a letter first"
    if reading.name in READINGS:
        yield "every lab has a reading of this name"
    if reading.every_s < QUICKEST_S:
        yield f"every_s is {reading.every_s:g}: at most once a second"


def _of_query(reading: Declared, scenario: Scenario) -> Iterator[str]:
    match reading:
        case PromQL(query=query):
            yield from _of_promql(query)
        case SQL():
            yield from _of_sql(reading, scenario)
        case HTTP():
            yield from _of_http(reading)
        case Containers(of=of):
            if of not in (have := {*scenario.services, *ALWAYS, *deployments(scenario)}):
                yield unknown("service or deployment of this scenario", of, have)


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


def _of_sql(reading: SQL, scenario: Scenario) -> Iterator[str]:
    if reading.on not in SERVERS:
        yield unknown("server that SQL can be asked of", reading.on, SERVERS)
    elif reading.on not in (*scenario.services, *ALWAYS):
        yield f"it asks {SERVERS[reading.on]}, and the scenario has no service {reading.on}"
    if not QUESTION.fullmatch(reading.query):
        yield "no question: one statement that begins with select, with, values or table, without a semicolon"


def _of_http(reading: HTTP) -> Iterator[str]:
    if not reading.path.startswith("/") or not reading.path.isprintable() or " " in reading.path:
        yield f"path {reading.path!r} is none: it begins with a slash, and has no space"
    if not MIN_STATUS <= reading.status <= MAX_STATUS:
        yield f"status is {reading.status}: no answer has it"
    if reading.equals is not None and not reading.field:
        yield "equals says what a field is, and field names none"


def deployments(scenario: Scenario) -> frozenset[str]:
    """The deployments that there are, or that a cause makes."""
    causes = (scenario.timeline, *(variant.timeline for variant in scenario.variants))
    made = (getattr(inject.fault, "deployment", "") for timeline in causes for inject in timeline)
    return frozenset({deployment.NAME, *(name for name in made if name)})
