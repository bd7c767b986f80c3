"""The cells that every change must keep; `make prove` runs all of them."""

import os

import pytest

from lab import catalog
from lab.proof.cell import Cell, Law
from lab.proof.cells import cells_of
from lab.proof.cheats import read_from_prometheus
from lab.proof.matrix import Row, run_cell
from lab.proof.reversible import reversible_cells
from lab.runbook import read_runbook
from lab.stack.places import checkout
from tests.contract.conftest import SCENARIO, SPEED, Drill
from tests.turns import alternating, in_turn, round_robin

pytestmark = [pytest.mark.docker, pytest.mark.lab]

ALWAYS = "unsolved"
"""A fix is proven each time as well, unattended (test_run.py), and that users of a healthy shop are served
(test_healthy.py)."""

shown: list[bool] = []


def cells(scenario: str) -> dict[str, Cell]:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario}.md")
    found = catalog.find(scenario)
    variants = [variant.name for variant in found.variants]
    read = read_from_prometheus(found)
    cells = (*cells_of(runbook, variants, trapped=found.trapped, read=read), *reversible_cells())
    return {cell.id: cell for cell in cells}


def named(scenario: str, *laws: Law) -> list[tuple[str, str]]:
    return [(scenario, cell_id) for cell_id, cell in cells(scenario).items() if cell.law in laws]


OTHERS = [one for one in catalog.ids() if one != SCENARIO]
# Each day a healthy shop, a fix or a trap; and a cheat, or the next day the referee killed in some phase.
TODAYS = in_turn(named(SCENARIO, Law.HEALTHY, Law.SOLVED, Law.TRAPPED))
HOSTILE = in_turn(alternating(named(SCENARIO, Law.UNCHEATABLE), named(SCENARIO, Law.REVERSIBLE)))
# Of the other scenarios a fix of one cause, another scenario each day.
ANOTHER = in_turn(round_robin([named(one, Law.SOLVED) for one in OTHERS]))
CHOSEN = ((SCENARIO, ALWAYS), TODAYS, HOSTILE, ANOTHER)


def holds(row: Row) -> None:
    """A machine that stalled in every run, and for most of the last, has shown nothing: the test says so."""
    shown.append(row.measured)
    if not row.measured:
        pytest.skip(f"not measured on this machine: {row.because}")
    assert row.ok, row.because


@pytest.mark.parametrize(
    ("scenario", "cell_id"),
    [
        pytest.param(scenario, cell_id, marks=[] if (scenario, cell_id) in CHOSEN else [pytest.mark.matrix])
        for one in (SCENARIO, *OTHERS)
        for scenario, cell_id in named(one, *Law)
    ],
)
def test_a_law_holds(drill: Drill, scenario: str, cell_id: str) -> None:
    drill.healthy = False
    holds(run_cell(scenario, cells(scenario)[cell_id], drill.hands, speed=SPEED))


def test_some_law_was_measured() -> None:
    """Skips are for a machine that stalls now and then: CI has to have shown something."""
    assert any(shown) or not (shown and os.environ.get("CI"))
