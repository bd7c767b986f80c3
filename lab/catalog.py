"""Find scenarios: every file in `lab/scenarios` declares one, and its name is its id."""

import difflib
import importlib
import pkgutil
from dataclasses import replace

from faults.core import Kind
from faults.release import BadRelease
from lab import scenarios
from lab.errors import BadScenario, UnknownScenario
from lab.scenario import Scenario
from lab.weights import weighed


def ids() -> tuple[str, ...]:
    """The ids of all scenarios, in alphabetical order, without importing any."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(scenarios.__path__)))


def find(scenario_id: str) -> Scenario:
    """The scenario of that id, its points given.

    UnknownScenario suggests the nearest, BadScenario says why none loads.
    """
    if scenario_id not in ids():
        raise unknown(scenario_id)
    name = scenario_id.replace("-", "_")
    file = f"lab/scenarios/{name}.py"
    try:
        module = importlib.import_module(f"{scenarios.__name__}.{name}")
        found = module.SCENARIO
    except Exception as error:  # whatever its author left unfinished is the file's trouble, not a bug of ours
        raise BadScenario(scenario_id, f"{file}: does not load: {type(error).__name__}: {error}") from error
    if not isinstance(found, Scenario):
        raise BadScenario(scenario_id, f"{file}: SCENARIO is a {type(found).__name__}, wanted a Scenario")
    return replace(found, objectives=weighed(found.objectives))


def unknown(scenario_id: str, *, verb: str = "start") -> UnknownScenario:
    """That no scenario has this id, with the nearest that one has."""
    near = difflib.get_close_matches(scenario_id.replace("_", "-"), ids(), n=1, cutoff=0.4)
    suggestion = f"; did you mean {near[0]}?" if near else ""
    return UnknownScenario(
        f"no scenario is called {scenario_id!r}{suggestion}",
        hint=f"lab {verb} {near[0]}" if near else "lab list",
    )


def everything() -> tuple[Scenario, ...]:
    """All scenarios."""
    return tuple(find(scenario_id) for scenario_id in ids())


ACTOR = "actor"
"""The image of the misbehaving clients that faults of servers bring along."""


def services_of(scenario: Scenario) -> tuple[str, ...]:
    """The services that the scenario asks for, and the image of its faults' clients where it has any."""
    causes = (scenario.timeline, *(variant.timeline for variant in scenario.variants))
    servers = any(i.fault.about.kind is not Kind.DEPLOYMENT for timeline in causes for i in timeline)
    return (*scenario.services, *((ACTOR,) if servers else ()))


def releases_of(scenario: Scenario) -> frozenset[str]:
    """The API releases that the scenario can run: its sound one, and what its timeline rolls out."""
    causes = (scenario.timeline, *(variant.timeline for variant in scenario.variants))
    rolled_out = {i.fault.release for timeline in causes for i in timeline if isinstance(i.fault, BadRelease)}
    return frozenset({scenario.release, *rolled_out})
