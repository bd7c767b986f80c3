"""`lab regrade`: judge an old run again."""

import click

from lab.cli._judged import judge
from lab.cli._options import json_flag
from lab.report import dumps
from lab.report.text import render
from lab.stack import runs


@click.command("regrade")
@click.argument("run")
@click.option("--write", is_flag=True, help="Also write the reports beside the journal.")
@json_flag
@click.pass_context
def regrade(ctx: click.Context, run: str, write: bool, as_json: bool) -> None:
    """Judge RUN (an id, or a journal's path) again by its journal, and exit as its grade did.

    \b
      lab regrade 20260102-143000-max-connections-1f2e
      lab regrade somewhere/journal.jsonl --json
    """
    judged = judge(runs.find(run))
    if judged.torn_bytes:
        click.echo(
            f"the journal is cut in the middle of a line: judged by its {len(judged.history)} whole records, "
            f"without the last {judged.torn_bytes} bytes",
            err=True,
        )
    if judged.redeclared:
        then, today = judged.redeclared
        click.echo(
            f"scenario {judged.report.scenario} was declared otherwise when this was run "
            f"({then}, today {today}): judged by what it is today, so the report may differ from the run's",
            err=True,
        )
    if write:
        judged.write()
    report = judged.report
    click.echo(dumps(report) if as_json else render(report), nl=False)
    ctx.exit(report.exit_code)
