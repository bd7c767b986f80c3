"""A shard of the faults' proof: the laws of its faults, and the tests of its folder."""

import os
import shlex
import subprocess
import sys

import pytest

from faults.catalog import FAMILIES
from lab.stack.places import checkout

OWN = {"redis": "test_left_alone.py", "release": "test_buried.py"}


def said(*argv: str) -> str:
    """What a command prints, also where make runs these tests: a make of its own, not one below that."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(argv, cwd=checkout(), capture_output=True, text=True, check=True, env=own).stdout


@pytest.mark.parametrize(("shard", "test"), OWN.items())
def test_a_shard_has_its_faults_laws_and_its_folders_tests_and_no_others(shard: str, test: str) -> None:
    typed = said("make", "-n", "prove-faults", f"SHARD={shard}").splitlines()[-1]
    chosen = shlex.split(typed)[1:]
    found = said(sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *chosen)
    ids = [line for line in found.splitlines() if "::" in line]
    laws = [one for one in ids if one.startswith("tests/faults/test_laws.py::")]
    own = [one for one in ids if one not in laws]
    assert laws
    assert all(f"[{shard}." in one for one in laws)
    assert any(test in one for one in own)
    assert all(one.startswith(f"tests/faults/{shard}/") for one in own)


def test_the_help_names_every_shard() -> None:
    (line,) = [one for one in said("make", "help").splitlines() if "prove-faults" in one]
    assert [shard for shard in FAMILIES if shard not in line] == []
