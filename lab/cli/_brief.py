"""What a trainee reads when a drill begins."""

import json
from typing import Any

import click

from lab.stack.referee import Referee
from lab.stack.state import LabState
from lab.targets import FACTORS, STANDARD

NEXT = """
  shop        {shop}
  prometheus  {prometheus}
  toolbox     lab shell{name}
  how it goes lab status{name}
  I am done   lab grade{name}
"""


def addresses(up: LabState) -> dict[str, str]:
    """Where the lab's published services are."""
    return {name: f"http://127.0.0.1:{up.ports[name]}" for name in ("shop", "prometheus")}


def show(up: LabState, *, paged: bool, as_json: bool) -> None:
    """Print the brief and the addresses, or all of it as JSON."""
    brief = Referee(state=up).brief() if paged else ""
    if as_json:
        click.echo(json.dumps(_facts(up, brief), indent=1))
        return
    click.echo(brief or f"lab {up.name} is up; the page will come: lab status shows when")
    name = "" if up.name == "main" else f" --name {up.name}"
    if up.targets != STANDARD:
        click.echo(f"\n  {up.targets} targets: {FACTORS[up.targets]:g} times what the brief says")
    click.echo(NEXT.format(name=name, **addresses(up)))


def _facts(up: LabState, brief: str) -> dict[str, Any]:
    return {
        "name": up.name,
        "run_id": up.run_id,
        "scenario": up.scenario,
        "targets": up.targets,
        "run_dir": str(up.run_dir),
        "addresses": addresses(up),
        "brief": brief,
    }
