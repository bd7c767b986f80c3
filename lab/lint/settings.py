"""Bounds on settings that nobody could read, or that bound nothing."""

import re
from collections.abc import Iterator

from lab.lint.known import ALWAYS
from lab.lint.problem import Found, doubled, unknown
from lab.scenario import Bound, Scenario
from lab.settings import ENGINES

NAME = re.compile(r"[a-z][a-z0-9_.-]*")


def of_settings(scenario: Scenario) -> Found:
    """What is wrong with the settings that the scenario bounds."""
    for key in doubled(bound.key for bound in scenario.bounds):
        yield f"bound of {key}", "is there more than once"
    for bound in scenario.bounds:
        for wrong in _of_one(bound, scenario):
            yield f"bound of {bound.key}", wrong


def _of_one(bound: Bound, scenario: Scenario) -> Iterator[str]:
    if bound.on not in ENGINES:
        yield unknown("server with settings", bound.on, ENGINES)
    elif bound.on not in (*scenario.services, *ALWAYS):
        yield f"the scenario has no service {bound.on}"
    if not NAME.fullmatch(bound.setting):
        yield f"{bound.setting!r} is no setting's name"
    if bound.at_least is None and bound.at_most is None:
        yield "neither at_least nor at_most: it bounds nothing"
    if bound.at_least is not None and bound.at_most is not None and bound.at_least > bound.at_most:
        yield f"at_least {bound.at_least:g} is more than at_most {bound.at_most:g}"
