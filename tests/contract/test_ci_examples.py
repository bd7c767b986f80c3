"""The examples for CI systems do what they say: their own steps, typed in a fresh clone."""

import json
import os
import re
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lab.proof.reversible import leftovers
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.ci_examples import Step, github, github_steps, gitlab, gitlab_steps
from tests.contract.conftest import SCENARIO

pytestmark = [pytest.mark.docker, pytest.mark.lab, pytest.mark.matrix]

LAB = "ci-7"
UNKNOWN = 3
# What the CI system puts in, and what would lead the clone's own programs astray.
GIVEN = {
    "CI": "true",
    "CI_JOB_ID": "7",
    "LAB_NAME": LAB,
    "LAB_SIGNING_KEY": secrets.token_hex(32),
}
OURS = ("PYTHONPATH", "VIRTUAL_ENV", "LAB_HOME")
EXAMPLES: Mapping[str, tuple[Callable[[], list[Step]], Callable[[], Mapping[str, str]]]] = {
    "github": (github_steps, lambda: github()["env"]),
    "gitlab": (gitlab_steps, lambda: gitlab()["variables"]),
}


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A clone, taken down whatever happens in it."""
    place = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(checkout()), str(place)], check=True)
    yield place
    if (place / ".venv/bin/lab").exists():
        subprocess.run([".venv/bin/lab", "down", "--name", LAB], cwd=place, check=False)


def submit(clone: Path, script: str) -> None:
    """Put a fix where the examples want it."""
    folder = clone / "submission"
    folder.mkdir()
    (folder / "fix.sh").write_text(script)


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """As the CI system makes it: its own variables, and the example's that need nothing of the system's."""
    plain = {name: value for name, value in variables.items() if "$" not in value}
    return {**{k: v for k, v in os.environ.items() if k not in OURS}, **GIVEN, **plain}


def typed(steps: Sequence[Step], clone: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Do the steps one after the other: the first exit code that is not 0, and all that was printed."""
    code, said = 0, ""
    for step in steps:
        if code == 0 or step.always:
            argv = ["bash", "-e", "-o", "pipefail", "-c", step.script]
            done = subprocess.run(
                argv, cwd=clone, env=dict(env), capture_output=True, text=True, check=False, timeout=1800
            )
            code, said = code or done.returncode, f"{said}$ {step.script}\n{done.stdout}{done.stderr}"
    # Only a run that was judged may be skipped: any other 3 (no engine, say) is a job that does not work.
    if code == UNKNOWN and (clone / "reports/report.json").exists():
        pytest.skip(f"the machine was in the way of a verdict: {said[-600:]}")
    return code, said


def report(clone: Path) -> dict[str, Any]:
    """The run's report as the job keeps it."""
    found: dict[str, Any] = json.loads((clone / "reports/report.json").read_text())
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_job_passes_with_a_fix_and_keeps_a_signed_journal(name: str, clone: Path) -> None:
    steps, variables = EXAMPLES[name]
    runbook = read_runbook(clone / "runbooks" / f"{SCENARIO}.md")
    submit(clone, dict(runbook.fixes)["rollback"])

    code, said = typed(steps(), clone, environment(variables()))

    assert code == 0, said
    assert report(clone)["verdict"] == "pass"
    assert "signed by this key" in said
    suite = ElementTree.parse(clone / "reports/junit.xml")  # noqa: S314 - our own
    assert list(suite.iter("testcase"))
    assert not [*suite.iter("failure"), *suite.iter("error")]
    assert (clone / "reports/report.html").read_text().startswith("<!DOCTYPE html>")
    assert list(clone.glob("drills/runs/*/journal.jsonl"))
    assert leftovers(LAB) == ()


def test_the_job_fails_where_the_fix_does_nothing_and_its_reports_are_kept(clone: Path) -> None:
    submit(clone, "true\n")
    limited = [
        Step(script=re.sub(r"--limit \d+", "--limit 30", step.script), always=step.always)
        for step in github_steps()
    ]
    assert limited != github_steps()

    code, said = typed(limited, clone, environment(github()["env"]))

    assert code == 1, said
    assert report(clone)["verdict"] == "fail"
    assert list(clone.glob("drills/runs/*/journal.jsonl"))
