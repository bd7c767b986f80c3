"""`lab lint`: what is wrong with scenarios and their runbooks."""

import json
from dataclasses import asdict

import click

from lab import catalog
from lab.cli._options import json_flag
from lab.lint import Problem, examine, orphans
from lab.stack.places import checkout


@click.command("lint")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]…")
@json_flag
@click.pass_context
def lint(ctx: click.Context, scenarios: tuple[str, ...], as_json: bool) -> None:
    """Load every SCENARIO (all, if none is named) and its runbook, and say what is wrong and where.

    Names that nobody knows, objectives that nothing can meet, points that do not add up to 100, files that do
    not fit each other. `lab start` refuses what this does not pass. Exits 0 where nothing is wrong, else 1.

    \b
      lab lint
      lab lint max-connections --json
    """
    for scenario_id in scenarios:
        if scenario_id not in catalog.ids():
            raise catalog.unknown(scenario_id, verb="lint")
    named = scenarios or catalog.ids()
    found = [problem for scenario_id in named for problem in examine(scenario_id, checkout()).problems]
    found += () if scenarios else orphans(checkout())
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in found], indent=1))
    else:
        _show(found, len(named))
    ctx.exit(1 if found else 0)


def _show(found: list[Problem], count: int) -> None:
    for problem in found:
        click.echo(
            f"{click.style(problem.file, bold=True)}: {problem.at and problem.at + ': '}{problem.wrong}"
        )
    word = "scenario" if count == 1 else "scenarios"
    click.echo(f"{len(found)} wrong in {count} {word}" if found else f"{count} {word}: nothing wrong")
