"""The cells that every change must keep; `make prove` runs all of them."""

import pytest

from lab import catalog
from lab.proof.cells import Cell, Law, cells_of
from lab.proof.matrix import Row, run_cell
from lab.proof.reversible import reversible_cells
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.contract.conftest import SCENARIO, SPEED, Drill
from tests.turns import alternating, in_turn

pytestmark = [pytest.mark.docker, pytest.mark.lab]

ALWAYS = ("unsolved", "solved:rollback")


def every_cell(scenario: str = SCENARIO) -> dict[str, Cell]:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario}.md")
    return {cell.id: cell for cell in (*cells_of(runbook), *reversible_cells())}


def named(*laws: Law) -> list[str]:
    return [cell_id for cell_id, cell in every_cell().items() if cell.law in laws]


# One day a trap or a cheat, the next day the referee killed in some phase.
TODAYS = in_turn(alternating(named(Law.TRAPPED, Law.UNCHEATABLE), named(Law.REVERSIBLE)))
ANOTHER = in_turn(one for one in catalog.ids() if one != SCENARIO)


def holds(row: Row) -> None:
    """A machine that stalled in every run, and for most of the last, has shown nothing: the test says so."""
    if not row.measured:
        pytest.skip(f"not measured on this machine: {row.because}")
    assert row.ok, row.because


@pytest.mark.parametrize("cell_id", [*ALWAYS, TODAYS])
def test_a_law_holds(drill: Drill, cell_id: str) -> None:
    drill.healthy = False
    holds(run_cell(SCENARIO, every_cell()[cell_id], drill.hands, speed=SPEED))


@pytest.mark.parametrize("scenario", [ANOTHER])
def test_another_scenario_is_solved_by_its_runbook(drill: Drill, scenario: str) -> None:
    drill.healthy = False
    cell = next(cell for cell in every_cell(scenario).values() if cell.law is Law.SOLVED)
    holds(run_cell(scenario, cell, drill.hands, speed=SPEED))
