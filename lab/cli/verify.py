"""`lab verify`: whether a run's journal is as it was written."""

import json
import os
from typing import Any

import click

from lab.cli._options import json_flag
from lab.history.verify import Signed, State, Verdict, verify
from lab.stack import runs
from lab.stack.places import home
from lab.stack.runs import Run
from lab.stack.secrets import SIGNING, signing_key

COLOURS = {0: "green", 1: "red", 3: "yellow"}


@click.command("verify")
@click.argument("run")
@json_flag
@click.pass_context
def verify_(ctx: click.Context, run: str, as_json: bool) -> None:
    """Say whether the journal of RUN (an id, or a journal's path) is as it was written.

    With LAB_SIGNING_KEY set, also whether that key signed it. A lab that is started with this variable signs
    each record as it is written.

    Exits 0 intact (and signed by the key, where one is given), 1 edited or not signed by it, 3 not known: cut
    off, without its end, unreadable.

    \b
      lab verify 20260102-143000-max-connections-1f2e
      LAB_SIGNING_KEY="$SECRET" lab verify somewhere/journal.jsonl --json
    """
    found = runs.find(run)
    kept = found.folder.parent == (home() / "runs").resolve()
    verdict = verify(found.journal, signing_key(os.environ), run_id=found.id if kept else "")
    if as_json:
        click.echo(json.dumps(_facts(found, verdict), indent=1))
    else:
        _show(verdict)
    ctx.exit(verdict.exit_code)


def _show(verdict: Verdict) -> None:
    click.echo(click.style(verdict.said(), fg=COLOURS[verdict.exit_code], bold=True))
    if verdict.run_id:
        click.echo(f"  run: {verdict.run_id}")
    if verdict.flaw is not None:
        click.echo(f"  expected: {verdict.flaw.expected}\n  found: {verdict.flaw.found}")
    if verdict.state is State.NO_END:
        click.echo("  the run goes on, or was stopped, or what came after was cut off: nobody can tell")
    if verdict.state is State.CUT:
        click.echo(f"  {verdict.torn_bytes} bytes of a record follow; lab regrade judges what is before them")
    if verdict.signed is Signed.UNCHECKED:
        click.echo(f"  {SIGNING}=… lab verify … tells by whom")


def _facts(run: Run, verdict: Verdict) -> dict[str, Any]:
    flaw = verdict.flaw
    return {
        "run": verdict.run_id or run.id,
        "journal": str(run.journal),
        "state": verdict.state.value,
        "signed": verdict.signed.value,
        "said": verdict.said(),
        "records": verdict.records,
        "head": verdict.head,
        "torn_bytes": verdict.torn_bytes,
        "edited": None
        if flaw is None
        else {
            "record": flaw.line,
            "expected": flaw.expected,
            "found": flaw.found,
        },
    }
