"""A whole drill with nobody present: `lab run`, its reports, its exit code, and nothing left."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab.proof.hands import Hands, Said
from lab.proof.matrix import UNMEASURED_AT_MOST
from lab.proof.reversible import leftovers
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.contract.conftest import SCENARIO, SPEED, Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

UNKNOWN = 3
FAILS_AFTER = "\nexit 3\n"


def run_unattended(hands: Hands, *options: str) -> Said:
    """Run the drill; once more where the machine was in the way of a verdict."""
    for _ in range(UNMEASURED_AT_MOST):
        said = hands.lab("run", SCENARIO, "--speed", f"{SPEED:g}", *options)
        if said.exit_code != UNKNOWN:
            return said
    return hands.lab("run", SCENARIO, "--speed", f"{SPEED:g}", *options)


def test_a_fix_is_graded_by_what_it_did_and_nothing_is_left(drill: Drill, tmp_path: Path) -> None:
    """It ends with 3 after it has fixed everything: that is said, and is no verdict."""
    drill.hands.must("down")
    drill.healthy = False
    fix = tmp_path / "fix.sh"
    runbook = read_runbook(checkout() / "runbooks" / f"{SCENARIO}.md")
    fix.write_text("set -e\n" + dict(runbook.fixes)["rollback"] + FAILS_AFTER)
    files = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "json", "html")}
    written = [word for kind, path in files.items() for word in (f"--{kind}", str(path))]

    said = run_unattended(drill.hands, "--fix", str(fix), *written)

    assert said.exit_code == 0, said.err + said.out
    assert "the fix ended with exit code 3" in said.err
    assert said.out.startswith("PASS")
    report = json.loads(files["json"].read_text())
    assert report["verdict"] == "pass"
    cases = {case.attrib["name"]: case for case in ElementTree.parse(files["junit"]).iter("testcase")}  # noqa: S314 - our own
    assert {grade["objective"] for grade in report["grades"]} <= set(cases)
    assert not any(case.findall("failure") or case.findall("error") for case in cases.values())
    assert files["html"].read_text().startswith("<!DOCTYPE html>")
    assert leftovers(drill.hands.name) == ()


@pytest.mark.matrix
def test_a_fix_that_does_nothing_ends_at_the_limit_with_1(drill: Drill, tmp_path: Path) -> None:
    drill.hands.must("down")
    drill.healthy = False
    fix = tmp_path / "fix.sh"
    fix.write_text("true\n")
    said = run_unattended(drill.hands, "--fix", str(fix), "--limit", "30")
    assert said.exit_code == 1, said.err + said.out
    assert said.out.startswith("FAIL")
    assert leftovers(drill.hands.name) == ()
