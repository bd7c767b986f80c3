"""What `lab prove` prints: a row for each cell as it comes, and the matrix at the end."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from lab.grade.model import Verdict
from lab.proof.matrix import Row, Task
from lab.proof.summary import as_data, as_text, matrix_of

ENDS = {
    Verdict.PASS: "every cell is as it must be",
    Verdict.FAIL: "NOT every cell is as it must be",
    Verdict.UNKNOWN: "the machine stalled: what has a question mark was not measured",
}


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
        cell = f"{task.scenario:<16} {row.cell.id:<34} {row.cell.vantage.value:<8}"
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

    def end(self, rows: Sequence[tuple[Task, Row]], verdict: Verdict) -> None:
        """Show the matrix, and say whether every cell was as it must be."""
        matrix = matrix_of((task.scenario, row) for task, row in rows)
        if self.as_json:
            click.echo(json.dumps({"matrix": as_data(matrix), "verdict": verdict.value}))
            return
        click.echo("\n" + "\n".join(as_text(matrix)) + "\n")
        click.echo(ENDS[verdict])


def list_cells(tasks: Sequence[Task], *, as_json: bool) -> None:
    """Print which cells there are: a line each for people, an object each for machines."""
    for task in tasks:
        fields = {"scenario": task.scenario, "cell": task.cell.id, "vantage": task.cell.vantage.value}
        text = f"{task.scenario}  {task.cell.id:<46} {task.cell.vantage.value}"
        click.echo(json.dumps(fields) if as_json else text)


def _mark(row: Row) -> str:
    if row.ok:
        return click.style("ok ", fg="green")
    if not row.measured:
        return click.style("?  ", fg="yellow", bold=True)
    return click.style("NOT", fg="red", bold=True)
