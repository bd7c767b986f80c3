"""A brief has the five parts that a page has, in their order."""

from dataclasses import replace

import pytest

from lab import catalog
from lab.lint import problems
from lab.lint.briefs import LEADS, of_brief
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.unit.linting import GOOD, RUNBOOK


@pytest.mark.parametrize("scenario_id", catalog.ids())
def test_every_brief_tells_what_who_is_called_needs(scenario_id: str) -> None:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario_id}.md")
    assert list(of_brief(runbook)) == []
    assert all(f"**{lead}**" in runbook.brief for lead in LEADS)


@pytest.mark.parametrize("lead", LEADS)
def test_a_brief_that_lacks_a_part_is_named(lead: str) -> None:
    brief = RUNBOOK.brief.replace(f"**{lead}**", lead)
    [problem] = problems(GOOD, replace(RUNBOOK, brief=brief))
    assert str(problem).endswith(f"heading '## Brief': no paragraph begins with **{lead}**")


def test_parts_in_another_order_are_named() -> None:
    first, last = f"**{LEADS[0]}**", f"**{LEADS[-1]}**"
    brief = RUNBOOK.brief.replace(first, "@").replace(last, first).replace("@", last)
    [(_, wrong)] = of_brief(replace(RUNBOOK, brief=brief))
    assert "another order" in wrong


def test_a_brief_begins_with_what_is_paging() -> None:
    brief = RUNBOOK.brief[RUNBOOK.brief.index("**") :]
    [(_, wrong)] = of_brief(replace(RUNBOOK, brief=brief))
    assert "what is paging" in wrong


CHANGED = "**What changed lately.** `kubectl get events` and `kubectl rollout history deployment/api` say."
"""The same in every brief: one that tells of a single change points at it, or away from the others."""


@pytest.mark.parametrize("scenario_id", catalog.ids())
def test_no_brief_tells_of_one_change_and_not_of_the_others(scenario_id: str) -> None:
    brief = read_runbook(checkout() / "runbooks" / f"{scenario_id}.md").brief
    [changed] = [part for part in brief.split("\n\n") if part.startswith(f"**{LEADS[0]}**")]
    assert changed == CHANGED


def test_a_new_scenario_begins_with_the_same_words() -> None:
    assert CHANGED in (checkout() / "lab" / "templates" / "runbook.md.tmpl").read_text().splitlines()
