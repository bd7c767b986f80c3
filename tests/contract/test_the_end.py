"""The last thing done to the contract lab: the tests of other folders need the machine for themselves."""

import pytest

from lab.proof.reversible import leftovers
from tests.contract.conftest import Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]


def test_nothing_is_left_after_down_however_often(drill: Drill) -> None:
    drill.healthy = False
    for _ in range(2):
        assert drill.hands.lab("down").exit_code == 0
    assert leftovers(drill.hands.name) == ()
