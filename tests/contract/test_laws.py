"""The cells that every change must keep; `make prove` runs all of them."""

from datetime import UTC, datetime

import pytest

from lab import catalog
from lab.proof.cells import Cell, Law, cells_of
from lab.proof.matrix import run_cell
from lab.proof.reversible import reversible_cells
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.contract.conftest import SCENARIO, SPEED, Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

ALWAYS = (
    "unsolved",
    "solved:rollback",
    "trapped:ended-sessions",
    "uncheatable:stop-load",
    "reversible:killed-in-paged",
)


def every_cell(scenario: str = SCENARIO) -> dict[str, Cell]:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario}.md")
    return {cell.id: cell for cell in (*cells_of(runbook), *reversible_cells())}


def in_turn() -> str:
    """Another scenario, the next one each day: all of them would take too long every time."""
    others = [one for one in catalog.ids() if one != SCENARIO]
    return others[datetime.now(UTC).date().toordinal() % len(others)]


@pytest.mark.parametrize("cell_id", ALWAYS)
def test_a_law_holds(drill: Drill, cell_id: str) -> None:
    drill.healthy = False
    row = run_cell(SCENARIO, every_cell()[cell_id], drill.hands, speed=SPEED)
    assert row.ok, row.because


@pytest.mark.parametrize("scenario", [in_turn()])
def test_another_scenario_is_solved_by_its_runbook(drill: Drill, scenario: str) -> None:
    drill.healthy = False
    cell = next(cell for cell in every_cell(scenario).values() if cell.law is Law.SOLVED)
    row = run_cell(scenario, cell, drill.hands, speed=SPEED)
    assert row.ok, row.because
