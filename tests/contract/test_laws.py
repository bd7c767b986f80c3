"""The cells that every change must keep; `make prove` runs all of them."""

import pytest

from lab.proof.cells import Cell, cells_of
from lab.proof.matrix import run_cell
from lab.proof.reversible import reversible_cells
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.contract.conftest import SCENARIO, SPEED, Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

ALWAYS = (
    "unsolved",
    "solved:rollback",
    "solved:idle-timeout",
    "trapped:ended-sessions",
    "uncheatable:stop-load",
    "reversible:killed-in-paged",
)


def every_cell() -> dict[str, Cell]:
    runbook = read_runbook(checkout() / "runbooks" / f"{SCENARIO}.md")
    return {cell.id: cell for cell in (*cells_of(runbook), *reversible_cells())}


@pytest.mark.parametrize("cell_id", ALWAYS)
def test_a_law_holds(drill: Drill, cell_id: str) -> None:
    drill.healthy = False
    row = run_cell(SCENARIO, every_cell()[cell_id], drill.hands, speed=SPEED)
    assert row.ok, row.because
