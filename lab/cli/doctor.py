"""`lab doctor`: what is missing, and what to type."""

import json

import click

from lab import catalog
from lab.cli._host import Host
from lab.cli._options import json_flag
from lab.engine import daemon
from lab.engine.machine import look
from lab.errors import EnvironmentTrouble
from lab.stack.checkup import Checkup, Finding, Health
from lab.stack.images import image_set
from lab.stack.places import checkout

COLOURS = {Health.OK: "green", Health.WARN: "yellow", Health.BAD: "red"}


@click.command("doctor")
@click.option("--stop-engine", is_flag=True, help="Stop the Docker engine, if lab started it.")
@json_flag
@click.pass_context
def doctor(ctx: click.Context, stop_engine: bool, as_json: bool) -> None:
    """Look at the engine, disk, memory, ports, images and what dead labs left; say what to type.

    Exits 0 where a lab can start, 3 where it cannot.

    \b
      lab doctor
      lab doctor --stop-engine
    """
    host = Host()
    if stop_engine:
        _stop(host, as_json=as_json)
        return
    releases = {release for scenario in catalog.everything() for release in catalog.releases_of(scenario)}
    checkup = Checkup(
        runner=host.runner,
        root=checkout(),
        engine_wanted=host.engine_wanted,
        images=image_set(releases),
    )
    findings = checkup.findings()
    if as_json:
        click.echo(json.dumps([_json(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            _show(finding)
    ctx.exit(EnvironmentTrouble.exit_code if any(f.health is Health.BAD for f in findings) else 0)


def _stop(host: Host, *, as_json: bool) -> None:
    ours = daemon.running(host.runner, host.ours)
    labs = sorted({thing.lab for thing in host.labelled.containers()}) if ours else []
    if labs:
        raise EnvironmentTrouble(
            f"the engine still holds labs: {', '.join(labs)}",
            hint="\n".join(f"lab down --name {name}" for name in labs),
        )
    stopped = daemon.stop(host.runner, look(host.runner), host.ours)
    text = "the Docker engine is stopped" if stopped else "no Docker engine that lab started is running"
    click.echo(json.dumps({"stopped": stopped, "engine": ours}) if as_json else text)


def _json(finding: Finding) -> dict[str, str]:
    return {"what": finding.what, "health": finding.health.value, "said": finding.said, "hint": finding.hint}


def _show(finding: Finding) -> None:
    mark = click.style(f"{finding.health.value:<5}", fg=COLOURS[finding.health])
    click.echo(f"{mark} {finding.what:<9} {finding.said}")
    for line in finding.hint.splitlines():
        click.echo(f"{'':<15} {line}")
