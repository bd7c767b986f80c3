"""`lab faults`: the catalogue of what can go wrong."""

import json

import click

from faults.catalog import catalogue, find
from lab.cli import _fault_page
from lab.cli._fault_desk import told
from lab.cli._options import json_flag
from lab.errors import UsageError


@click.command("faults")
@click.argument("fault_id", metavar="[ID]", required=False)
@click.option("--markdown", is_flag=True, help="Print all as a page of the documentation.")
@json_flag
def faults(fault_id: str | None, markdown: bool, as_json: bool) -> None:
    """List the faults that can be done, or show one: its parameters, where to see it, how to fix it.

    \b
      lab faults
      lab faults net.latency
      lab faults --json
    """
    if markdown and (as_json or fault_id):
        raise UsageError("--markdown prints the page of all faults: no ID and no --json beside it")
    if markdown:
        click.echo(_fault_page.markdown(), nl=False)
        return
    with told():
        chosen = {fault_id: find(fault_id)} if fault_id else catalogue()
    if as_json:
        shown = [_fault_page.facts(one) for one in chosen.values()]
        click.echo(json.dumps(shown[0] if fault_id else shown, indent=1))
    elif fault_id:
        click.echo(_fault_page.text(chosen[fault_id]))
    else:
        for one_id, one in chosen.items():
            click.echo(f"{one_id:<36} {_fault_page.does(one)}")
