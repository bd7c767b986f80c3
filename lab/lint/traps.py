"""Traps that nothing would recognise."""

import re
from collections.abc import Iterator

from lab.acts import STATEMENTS, known
from lab.lint.known import ID, VERBS
from lab.lint.problem import Found, doubled, unknown
from lab.recogniser import TONES, Recogniser
from lab.runbook import Runbook
from lab.scenario import Scenario


def of_traps(scenario: Scenario) -> Found:
    """What is wrong with what the scenario recognises by itself."""
    for one in scenario.traps:
        for wrong in _of_one(one):
            yield f"trap {one.id}", wrong


def of_runbooks_traps(scenario: Scenario, runbook: Runbook) -> Found:
    """Names of the runbook's traps that nothing recognises, so that a report would not speak of them."""
    names = {one.id for one in known(scenario) if one.tone == "trap"}
    for name in runbook.traps:
        if name not in names:
            yield f"trap={name}", unknown("trap", name, names)


def of_trapped(scenario: Scenario, runbook: Runbook) -> Found:
    """What is wrong with what the scenario says must come of the runbook's traps."""
    for name in doubled(one.trap for one in scenario.trapped):
        yield f"trapped {name}", "is there more than once"
    objectives = {objective.id for objective in scenario.objectives}
    for one in scenario.trapped:
        if one.trap not in runbook.traps:
            yield f"trapped {one.trap}", unknown("trap of the runbook", one.trap, runbook.traps)
        if not one.shows:
            yield f"trapped {one.trap}", "shows nothing, so it claims nothing"
        for name in one.blames:
            if name not in objectives:
                yield f"trapped {one.trap}", f"blames: {unknown('objective', name, objectives)}"


def _of_one(one: Recogniser) -> Iterator[str]:
    if not ID.fullmatch(one.id):
        yield "its id is not words of a-z and 0-9 with hyphens between them, a letter first"
    try:
        re.compile(one.pattern)
    except re.error as error:
        yield f"pattern is none: {error}"
    if one.tone not in TONES:
        yield unknown("tone", one.tone, TONES)
    if not one.lesson.strip():
        yield "lesson is empty: it says why the act matters"
    if one.typed_in:
        yield from _of_typed(one)
    elif one.verb not in VERBS:
        yield unknown("verb", one.verb, VERBS)


def _of_typed(one: Recogniser) -> Iterator[str]:
    if one.typed_in not in STATEMENTS:
        yield f"typed_in: {unknown('place', one.typed_in, STATEMENTS)}"
    if one.verb or one.on:
        yield "typed_in and verb or on: what is typed is no act on an object"
    if not one.pattern:
        yield "pattern is empty: everything that is typed fits"
