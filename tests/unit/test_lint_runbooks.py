"""Lint names what is wrong with a runbook: what it lacks, and what it tells to type that nobody can."""

import re
from dataclasses import replace

import pytest

from lab.lint import orphans, problems
from lab.lint.known import VERBS
from lab.stack.places import checkout
from tests.unit.linting import GOOD, RUNBOOK


def test_no_runbook_of_the_lab_is_without_its_scenario() -> None:
    assert orphans(checkout()) == ()


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ((), "## Hint 1': no hint"),
        (("a",), "## Hint 2': only 1 of at least 3"),
        (("a", "b"), "## Hint 3': only 2 of"),
    ],
)
def test_a_runbook_with_few_hints_is_named(hints: tuple[str, ...], said: str) -> None:
    [problem] = problems(GOOD, replace(RUNBOOK, hints=hints))
    assert said in str(problem)


def test_a_runbook_without_fix_or_trap_is_named() -> None:
    bare = replace(RUNBOOK, traps={}, fixes={})
    found = [str(problem) for problem in problems(replace(GOOD, trapped=()), bare)]
    assert [problem.partition(": no")[0] for problem in found] == [
        "runbooks/max-connections.md: heading '## Fix: …'",
        "runbooks/max-connections.md: heading '## Trap: …'",
    ]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (
            {("trap", "restarted-pods"): ("frist",)},
            "trap=restarted-pods: no cause is called 'frist'; did you",
        ),
        ({("fix", "rollback"): ()}, "fix=rollback: no fix is tried in first"),
        ({("fix", "rollback"): (), ("fix", "idle-timeout"): ("first",)}, ""),
        ({("trap", "restarted-pods"): ("first",)}, ""),
    ],
)
def test_causes_that_are_not_there_or_that_no_fix_is_tried_in_are_named(
    said: dict[tuple[str, str], tuple[str, ...]], wrong: str
) -> None:
    found = [str(problem) for problem in problems(GOOD, replace(RUNBOOK, tried_in=said))]
    assert len(found) == bool(wrong)
    assert all(wrong in one for one in found)


def test_the_verbs_that_are_known_are_those_of_the_cluster() -> None:
    folder = checkout() / "lab/referee/cluster"
    acts = re.findall(r"Act\(\s*verb=([^,)]*)", "\n".join(p.read_text() for p in folder.glob("*.py")))
    assert {verb for act in acts for verb in re.findall(r'(?<!\[)"([a-z-]+)"', act)} == VERBS


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("```console\n$ lab changes\nWHEN\n```", "no verb is called 'changes'"),
        ("Type `lab stauts` first.", "did you mean 'status'"),
        ("Type `lab status`, in this lab as in any lab there is.", None),
    ],
)
def test_a_verb_that_nobody_can_type_is_named(text: str, wrong: str | None) -> None:
    found = [one.wrong for one in problems(GOOD, replace(RUNBOOK, diagnosis=text))]
    assert found == [] if wrong is None else any(wrong in one for one in found)
