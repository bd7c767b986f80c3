"""Find scenarios: every file in `lab/scenarios` declares one, and its name is its id."""

import difflib
import importlib
import pkgutil
from dataclasses import replace

from faults.release import BadRelease
from lab import scenarios
from lab.errors import UnknownScenario
from lab.scenario import Scenario
from lab.weights import weighed


def ids() -> tuple[str, ...]:
    """The ids of all scenarios, in alphabetical order, without importing any."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(scenarios.__path__)))


def find(scenario_id: str) -> Scenario:
    """The scenario of that id, its points given; UnknownScenario suggests the nearest."""
    if scenario_id not in ids():
        near = difflib.get_close_matches(scenario_id.replace("_", "-"), ids(), n=1, cutoff=0.4)
        suggestion = f"; did you mean {near[0]}?" if near else ""
        raise UnknownScenario(
            f"no scenario is called {scenario_id!r}{suggestion}",
            hint=f"lab start {near[0]}" if near else "lab list",
        )
    module = importlib.import_module(f"{scenarios.__name__}.{scenario_id.replace('-', '_')}")
    found: Scenario = module.SCENARIO
    return replace(found, objectives=weighed(found.objectives))


def everything() -> tuple[Scenario, ...]:
    """All scenarios."""
    return tuple(find(scenario_id) for scenario_id in ids())


def releases_of(scenario: Scenario) -> frozenset[str]:
    """The API releases that the scenario can run: its sound one, and what its timeline rolls out."""
    rolled_out = {
        inject.fault.release for inject in scenario.timeline if isinstance(inject.fault, BadRelease)
    }
    return frozenset({scenario.release, *rolled_out})
