"""`lab list`: scenarios, labs, earlier runs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from lab import catalog
from lab.cli._host import Host
from lab.cli._options import json_flag
from lab.engine.find import State, find
from lab.errors import BadScenario
from lab.stack import runs, state

EARLIER = 10

Rows = Sequence[Mapping[str, Any]]


@click.command("list")
@json_flag
def list_(as_json: bool) -> None:
    """List the scenarios, the labs that are there and the latest runs.

    \b
      lab list
      lab list --json
    """
    facts: dict[str, Rows] = {"scenarios": _scenarios(), "labs": _labs(Host()), "runs": _runs()}
    if as_json:
        click.echo(json.dumps(facts, indent=1))
        return
    console = Console(highlight=False)
    _table(console, "scenarios", facts["scenarios"], "start one with: lab start ID")
    if facts["labs"]:
        _table(console, "labs", facts["labs"], "lab status --name NAME, lab down --name NAME")
    if facts["runs"]:
        _table(console, "latest runs", facts["runs"], "judge one again with: lab regrade ID")


def _scenarios() -> Rows:
    return [_scenario(scenario_id) for scenario_id in catalog.ids()]


def _scenario(scenario_id: str) -> Mapping[str, Any]:
    """One of them; what its author has not finished hides none of the others."""
    try:
        found = catalog.find(scenario_id)
    except BadScenario:
        return {"id": scenario_id, "level": "-", "title": f"does not load: lab lint {scenario_id}"}
    return {"id": scenario_id, "level": found.level.value, "title": found.title}


def _labs(host: Host) -> Rows:
    """The labs that this home remembers and those that the engine holds, with what is true of each."""
    answers = find(host.runner, timeout_s=5).state is State.ANSWERS
    things = host.labelled.containers() if answers else ()
    known = {one.name: one for one in state.all_states()}
    return [
        {
            "name": name,
            "scenario": known[name].scenario if name in known else "?",
            "run": known[name].run_id if name in known else "?",
            "containers": sum(thing.running for thing in things if thing.lab == name),
            "state": _state(name in known, any(t.running for t in things if t.lab == name)),
        }
        for name in sorted({*known, *(thing.lab for thing in things)})
    ]


def _state(known: bool, running: bool) -> str:
    if running:
        return "up" if known else "up, not from here"
    return "gone: lab down clears it" if known else "stopped"


def _runs() -> Rows:
    return [
        {
            "run": run.id,
            "verdict": run.verdict or "-",
            "score": "-" if run.score is None else f"{run.score:g}",
        }
        for run in runs.kept()[:EARLIER]
    ]


def _table(console: Console, title: str, rows: Rows, caption: str) -> None:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", box=None)
    for column in rows[0] if rows else ():
        table.add_column(column, no_wrap=column in ("id", "run", "name"))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    console.print()
