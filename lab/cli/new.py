"""`lab new`: the two files of a new scenario."""

import json

import click

from lab.cli._options import json_flag
from lab.lint.fresh import create
from lab.stack.places import checkout

NEXT = """
next
  edit both: they are a drill that works, to be replaced part by part (CONTRIBUTING.md, "Adding a scenario")
  lab lint {id}
  make prove SCENARIO={id}
"""


@click.command("new")
@click.argument("scenario_id", metavar="ID")
@click.option("--title", default="", help="What users meet, in a few words [default: made of the id].")
@json_flag
def new(scenario_id: str, title: str, as_json: bool) -> None:
    """Write a scenario and its runbook called ID (words with hyphens) from templates, to be edited.

    Name the symptom, never the cause: the trainee reads it. Nothing else needs to change: `lab list` has it
    at once.

    \b
      lab new slow-thursday
      lab new slow-thursday --title "The shop is slow on Thursdays"
    """
    root = checkout()
    scenario, runbook = (path.relative_to(root) for path in create(scenario_id, title, root))
    if as_json:
        click.echo(
            json.dumps({"id": scenario_id, "scenario": str(scenario), "runbook": str(runbook)}, indent=1)
        )
        return
    click.echo(f"{scenario}  what happens, and what is judged")
    click.echo(f"{runbook}  what people read: brief, hints, diagnosis, fixes, traps")
    click.echo(NEXT.format(id=scenario_id), nl=False)
