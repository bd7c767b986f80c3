"""`lab prove`: show a scenario's laws by real runs."""

import fnmatch
from collections.abc import Sequence

import click

from lab import catalog
from lab.cli._options import json_flag, named
from lab.cli._prove_screen import Screen, list_cells
from lab.errors import UsageError
from lab.grade.model import Verdict
from lab.proof.cell import Cell
from lab.proof.cells import cells_of
from lab.proof.cheats import CHEATED_ON, read_from_prometheus
from lab.proof.hands import Hands
from lab.proof.matrix import Row, Task, prove_all
from lab.proof.reversible import PHASES, WORST, reversible_cells
from lab.runbook import read_runbook
from lab.scenario import Scenario
from lab.stack import lock
from lab.stack.places import checkout

SPEED = 3.0


@click.command("prove")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]…")
@named
@click.option(
    "--only", multiple=True, metavar="CELL", help="Only these cells; * matches any: --only 'trapped:*'."
)
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Run each cell so often, and say how often it was as it must be.",
)
@click.option(
    "--labs",
    type=click.IntRange(min=1, max=8),
    default=1,
    show_default=True,
    metavar="N",
    help="Run cells on so many labs at a time.",
)
@click.option(
    "--thorough",
    is_flag=True,
    help=f"Every cheat and every phase to be killed in on every scenario, not on {CHEATED_ON} alone.",
)
@click.option("--list", "list_only", is_flag=True, help="Only list the cells.")
@click.option(
    "--speed",
    type=click.FloatRange(min=1.0),
    default=SPEED,
    show_default=True,
    help="Shorten holds and hasten the cause by this factor; 1 proves it as a person meets it.",
)
@json_flag
@click.pass_context
def prove(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    name: str,
    only: tuple[str, ...],
    repeat: int,
    labs: int,
    thorough: bool,
    list_only: bool,
    speed: float,
    as_json: bool,
) -> None:
    """Show by real runs that every SCENARIO (all, if none is named) keeps its laws.

    A healthy shop passes, an outage that nobody touches fails, every fix of the runbook passes, no trap
    and no cheat does, and a referee killed in any phase leaves nothing behind. Runs on a lab of its own, one
    cell after the other, with a reset between; a matrix of all closes it. Exits 0 only when every cell is as
    it must be, and 3 when those that are not could not be measured, because the machine stalled.

    \b
      lab prove max-connections
      lab prove --labs 2
      lab prove max-connections --only 'solved:*' --speed 1
      lab prove max-connections --only 'solved:*' --repeat 5
    """
    lab_name = "proof" if name == "main" else name
    chosen = [catalog.find(one) for one in scenarios] or list(catalog.everything())
    tasks = _tasks(chosen, only, thorough=thorough)
    if list_only:
        list_cells(tasks, as_json=as_json)
        return
    tasks = tuple(task for task in tasks for _ in range(repeat))
    screen = Screen(as_json=as_json, count=len(tasks))
    names = [lab_name if n == 0 else f"{lab_name}-{n + 1}" for n in range(min(labs, len(tasks)))]
    with lock.proving(names):
        screen.begin([scenario.id for scenario in chosen], speed, labs)
        hands = [Hands(name=one) for one in names]
        rows = prove_all(tasks, hands, speed=speed, starting=screen.starting, show=screen.show)
    screen.repeated(rows, repeat)
    verdict = _verdict([row for _, row in rows])
    screen.end(rows, verdict)
    ctx.exit(verdict.exit_code)


def _verdict(rows: Sequence[Row]) -> Verdict:
    if any(row.measured and not row.ok for row in rows):
        return Verdict.FAIL
    return Verdict.PASS if all(row.ok for row in rows) else Verdict.UNKNOWN


def _tasks(scenarios: Sequence[Scenario], only: tuple[str, ...], *, thorough: bool) -> tuple[Task, ...]:
    """The cells of all scenarios that match one of the patterns; UsageError names one that matches none."""
    owed = [
        Task(scenario=scenario.id, cell=cell)
        for scenario in scenarios
        for cell in _cells(scenario, everything=thorough or scenario.id == CHEATED_ON)
    ]
    for pattern in only:
        if not any(fnmatch.fnmatch(task.cell.id, pattern) for task in owed):
            known = ", ".join(dict.fromkeys(task.cell.id for task in owed))
            raise UsageError(f"no cell matches {pattern!r}", hint=f"cells: {known}")
    return tuple(task for task in owed if not only or any(fnmatch.fnmatch(task.cell.id, p) for p in only))


def _cells(scenario: Scenario, *, everything: bool) -> tuple[Cell, ...]:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario.id}.md")
    variants = [variant.name for variant in scenario.variants]
    phases = PHASES if everything else WORST
    read = read_from_prometheus(scenario)
    cells = cells_of(runbook, variants, trapped=scenario.trapped, cheats=everything, read=read)
    return (*cells, *reversible_cells(phases))
