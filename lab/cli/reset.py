"""`lab reset`: a pristine lab again."""

import click

from lab.cli import _brief, _drill
from lab.cli._host import Host
from lab.cli._options import drill_options, json_flag, named
from lab.errors import NoRun
from lab.stack import state


@click.command("reset")
@click.argument("scenario", required=False)
@named
@click.option("--no-wait", is_flag=True, help="Return when the services run, not when the page fires.")
@drill_options
@json_flag
def reset(
    scenario: str | None,
    name: str,
    no_wait: bool,
    speed: float,
    calm: bool,
    seed: int | None,
    targets: str | None,
    as_json: bool,
) -> None:
    """Begin the drill anew (or SCENARIO instead), on pristine data and under a new run id.

    It keeps the targets that the lab was started with.

    \b
      lab reset
      lab reset --no-wait
      lab reset --seed 1
    """
    host = Host()
    known = state.load(name)
    if known is None:
        raise NoRun(f"no lab {name} is there to reset", hint="lab list, then lab start SCENARIO")
    order = host.order(
        scenario or known.scenario,
        name,
        speed=speed,
        calm=calm,
        seed=seed,
        targets=targets or known.targets,
    )
    up = _drill.again(host, known, order, wait=not no_wait)
    _brief.show(up, paged=not no_wait, as_json=as_json)
