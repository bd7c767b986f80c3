"""Tests that are taken in turn."""

import subprocess
import sys

import pytest

from lab.stack.places import checkout
from tests.turns import alternating, round_robin

HEAL = "tests/shop/test_heal.py"


def test_each_of_the_many_is_followed_by_one_of_the_few() -> None:
    assert alternating(["a", "b", "c"], [1, 2]) == ["a", 1, "b", 2, "c", 1]


def test_each_has_its_first_before_any_has_its_second() -> None:
    assert round_robin(["ab", "c", "def"]) == ["a", "c", "d", "b", "e", "f"]


@pytest.mark.parametrize(("options", "chosen"), [((), 3), (("-m", "not matrix"), 1)])
def test_all_run_but_where_the_matrix_is_left_out(options: tuple[str, ...], chosen: int) -> None:
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", HEAL, *options],
        cwd=checkout(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert sum(line.startswith(HEAL) for line in collected.stdout.splitlines()) == chosen
