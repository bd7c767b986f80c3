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
from lab.grade.model import Verdict
from lab.proof.cells import CHEATED_ON, Cell, cells_of
from lab.proof.hands import Hands
from lab.proof.matrix import Row, Task, prove_all
from lab.proof.reversible import PHASES, WORST, reversible_cells
from lab.runbook import read_runbook
from lab.scenario import Scenario
from lab.stack import lock
from lab.stack.places import checkout

SPEED = 3.0

ENDS = {
    Verdict.PASS: "every cell is as it must be",
    Verdict.FAIL: "NOT every cell is as it must be",
    Verdict.UNKNOWN: "the machine stalled: what has a question mark was not measured",
}


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
    cell after the other, with a reset between. Exits 0 only when every cell is as it must be, and 3 when
    those that are not could not be measured, because the machine stalled.

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
        for task in tasks:
            click.echo(f"{task.scenario}  {task.cell.id:<46} {task.cell.vantage.value}")
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
    screen.end(verdict)
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
    return (*cells_of(runbook, variants, cheats=everything), *reversible_cells(phases))


@dataclass
class Screen:
    """Rows as they come: a line each for people, an object each for machines."""

    as_json: bool
    count: int
    done: int = 0

    def begin(self, scenarios: Sequence[str], speed: float, labs: int) -> None:
        """Say what will be run."""
        if not self.as_json:
            where = f", on {labs} labs at a time" if labs > 1 else ""
            click.echo(f"{', '.join(scenarios)}: {self.count} cells at speed {speed:g}{where}")

    def starting(self, task: Task) -> None:
        """Say which cell is begun now, where somebody may be waiting."""
        if sys.stderr.isatty():
            done = f"{self.done} of {self.count} done"
            click.echo(f"  … {task.scenario} {task.cell.id} ({done})\r", nl=False, err=True)

    def show(self, task: Task, row: Row) -> None:
        """Print one row."""
        self.done += 1
        if self.as_json:
            fields = {
                "scenario": task.scenario,
                "cell": row.cell.id,
                "vantage": row.cell.vantage.value,
                "ok": row.ok,
                "measured": row.measured,
                "verdict": row.verdict,
                "because": row.because,
                "took_s": round(row.took_s, 1),
                "run_id": row.run_id,
            }
            click.echo(json.dumps(fields))
            return
        mark = _mark(row)
        cell = f"{task.scenario:<16} {row.cell.id:<40} {row.cell.vantage.value:<8}"
        click.echo(f"{mark} {cell} {row.verdict:<8}{row.took_s:6.0f} s  {row.because}")

    def repeated(self, rows: Sequence[tuple[Task, Row]], times: int) -> None:
        """Say how often each cell was as it must be, where each was run more than once."""
        if times == 1:
            return
        for task in dict.fromkeys(task for task, _ in rows):
            good = sum(row.ok for of, row in rows if of == task)
            if self.as_json:
                said = {"scenario": task.scenario, "cell": task.cell.id, "runs": times, "ok_runs": good}
                click.echo(json.dumps(said))
            else:
                click.echo(f"{task.scenario} {task.cell.id}: {good} of {times}")

    def end(self, verdict: Verdict) -> None:
        """Say whether every cell was as it must be."""
        if not self.as_json:
            click.echo(ENDS[verdict])


def _mark(row: Row) -> str:
    if row.ok:
        return click.style("ok ", fg="green")
    if not row.measured:
        return click.style("?  ", fg="yellow", bold=True)
    return click.style("NOT", fg="red", bold=True)
