"""A scenario in which nothing is wrong, to be made wrong in one place. Not a test module."""

from dataclasses import replace

from lab import catalog
from lab.lint import problems
from lab.runbook import read_runbook
from lab.scenario import Category, Objective, Probe, Scenario
from lab.stack.places import checkout

GOOD = catalog.find("max-connections")
RUNBOOK = read_runbook(checkout() / "runbooks" / "max-connections.md")


def said(scenario: Scenario) -> list[str]:
    return [str(problem) for problem in problems(scenario, RUNBOOK, file_id="max-connections")]


def probing(probe: Probe, *, hold_s: float = 60.0) -> Scenario:
    """The good scenario with one more objective, which earns nothing."""
    more = Objective(
        id="more", claim="c", probe=probe, category=Category.SERVICE, points=0, hold_s=hold_s, required=False
    )
    return replace(GOOD, objectives=(*GOOD.objectives, more))
