"""`lab prove`: show a scenario's laws by real runs."""

import fnmatch
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from lab import catalog
from lab.cli._options import json_flag, named
from lab.errors import UsageError
from lab.proof.cells import Cell, cells_of
from lab.proof.hands import Hands
from lab.proof.matrix import Row, prove_all
from lab.proof.reversible import reversible_cells
from lab.runbook import read_runbook
from lab.scenario import Scenario
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
    list_only: bool,
    speed: float,
    as_json: bool,
) -> None:
    """Show by real runs that every SCENARIO (all, if none is named) keeps its laws.

    A healthy shop passes, an outage that nobody touches fails, every fix of the runbook passes, no trap
    and no cheat does, and a referee killed in any phase leaves nothing behind. Runs on a lab of its own, one
    cell after the other, with a reset between. Exits 0 only when every cell is as it must be.

    \b
      lab prove max-connections
      lab prove max-connections --only 'solved:*' --speed 1
      lab prove max-connections --only 'solved:*' --repeat 5
    """
    lab_name = "proof" if name == "main" else name
    screen = Screen(as_json=as_json)
    all_ok = True
    for scenario_id in scenarios or tuple(scenario.id for scenario in catalog.everything()):
        scenario = catalog.find(scenario_id)
        cells = _chosen(_cells(scenario), only)
        if list_only:
            for cell in cells:
                click.echo(f"{scenario.id}  {cell.id}")
            continue
        cells = tuple(cell for cell in cells for _ in range(repeat))
        screen.begin(scenario.id, len(cells), speed)
        rows = prove_all(
            scenario.id, cells, Hands(name=lab_name), speed=speed, starting=screen.starting, show=screen.show
        )
        screen.repeated(rows, repeat)
        all_ok = all_ok and all(row.ok for row in rows)
    if not list_only:
        screen.end(all_ok)
    ctx.exit(0 if all_ok else 1)


def _cells(scenario: Scenario) -> tuple[Cell, ...]:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario.id}.md")
    return (*cells_of(runbook, [variant.name for variant in scenario.variants]), *reversible_cells())


def _chosen(cells: tuple[Cell, ...], only: tuple[str, ...]) -> tuple[Cell, ...]:
    """The cells that match one of the patterns; UsageError names a pattern that matches none."""
    for pattern in only:
        if not any(fnmatch.fnmatch(cell.id, pattern) for cell in cells):
            raise UsageError(
                f"no cell matches {pattern!r}", hint="cells: " + ", ".join(cell.id for cell in cells)
            )
    return tuple(cell for cell in cells if not only or any(fnmatch.fnmatch(cell.id, p) for p in only))


@dataclass
class Screen:
    """Rows as they come: a line each for people, an object each for machines."""

    as_json: bool
    count: int = 0
    done: int = 0

    def begin(self, scenario: str, count: int, speed: float) -> None:
        """Say what will be run."""
        self.count, self.done = count, 0
        if not self.as_json:
            click.echo(f"{scenario}: {count} cells at speed {speed:g}")

    def starting(self, cell: Cell) -> None:
        """Say which cell runs now, where somebody may be waiting."""
        if sys.stderr.isatty():
            click.echo(f"  … {cell.id} ({self.done + 1} of {self.count})\r", nl=False, err=True)

    def show(self, row: Row) -> None:
        """Print one row."""
        self.done += 1
        if self.as_json:
            fields = {
                "cell": row.cell.id,
                "ok": row.ok,
                "verdict": row.verdict,
                "because": row.because,
                "took_s": round(row.took_s, 1),
                "run_id": row.run_id,
            }
            click.echo(json.dumps(fields))
            return
        mark = click.style("ok ", fg="green") if row.ok else click.style("NOT", fg="red", bold=True)
        click.echo(f"{mark} {row.cell.id:<34} {row.verdict:<8}{row.took_s:6.0f} s  {row.because}")

    def repeated(self, rows: Sequence[Row], times: int) -> None:
        """Say how often each cell was as it must be, where each was run more than once."""
        if times == 1:
            return
        for cell in dict.fromkeys(row.cell.id for row in rows):
            good = sum(row.ok for row in rows if row.cell.id == cell)
            if self.as_json:
                click.echo(json.dumps({"cell": cell, "runs": times, "ok_runs": good}))
            else:
                click.echo(f"{cell}: {good} of {times}")

    def end(self, all_ok: bool) -> None:
        """Say whether every cell was as it must be."""
        if not self.as_json:
            click.echo("every cell is as it must be" if all_ok else "NOT every cell is as it must be")
