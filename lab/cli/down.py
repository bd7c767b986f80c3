"""`lab down`: nothing is left."""

import json
from collections import Counter

import click

from lab.cli._drill import uninterrupted
from lab.cli._host import Host
from lab.cli._options import json_flag, named
from lab.engine import daemon
from lab.engine.advice import advise
from lab.engine.find import Engine, State, find
from lab.errors import EnvironmentTrouble, NetworkMiscounted, NoEngine
from lab.stack import lock
from lab.stack.containers import Thing
from lab.stack.places import lab_dir


@click.command("down")
@named
@json_flag
def down(name: str, as_json: bool) -> None:
    """Remove a lab's containers, volumes, networks and secrets; journals and reports of its runs stay.

    Works after any crash, with no state file, and as often as you like.

    \b
      lab down
      lab down --name team-1
    """
    host = Host()
    with lock.held(name):
        known = lab_dir(name).exists()
        removed = _remove(host, name, known=known)
    counts = Counter(thing.kind for thing in removed)
    ours = daemon.running(host.runner, host.ours)
    if as_json:
        facts = {"name": name, "removed": dict(counts), "engine": ours, "engine_pid": host.ours.pid()}
        click.echo(json.dumps(facts))
        return
    what = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items())
    if what:
        click.echo(f"lab {name} is down: {what} removed")
    else:
        click.echo(f"lab {name} was gone: its state is cleared" if known else f"lab {name} is not there")
    if ours is not None:
        click.echo(
            f"the Docker engine that lab started ({ours}) is still running: lab doctor --stop-engine ends it"
        )


def _remove(host: Host, name: str, *, known: bool) -> tuple[Thing, ...]:
    engine = Engine(state=State.ANSWERS) if known else find(host.runner)
    # Where there never was a docker command there is no lab. Any other engine may hold one, stopped as it is.
    if engine.state is State.NO_CLIENT:
        return ()
    if engine.state is not State.ANSWERS:
        raise _unasked(host, name, engine, f"nothing is known of lab {name}, nothing was removed")
    try:
        with uninterrupted(), host.progress.step(f"lab {name} down"):
            try:
                return host.launcher.demolition.lab(name)
            except NetworkMiscounted as miscounted:
                host.progress.say(f"{miscounted}\n{miscounted.hint}")
                return miscounted.removed
    except EnvironmentTrouble as error:
        engine = find(host.runner)
        if engine.state is State.ANSWERS:
            raise
        # Stopped containers outlive their engine: forgetting them now would leave them behind.
        raise _unasked(host, name, engine, f"lab {name} cannot be removed") from error


def _unasked(host: Host, name: str, engine: Engine, what: str) -> NoEngine:
    """The trouble that no engine answers that could be asked."""
    advice = advise(engine, host.engine_wanted.place())
    seen = f"{engine.state.value}: {engine.said}" if engine.said else engine.state.value
    # Who takes a lab down wants no lab start, which is what would bring the engine up.
    hint = "start the Docker engine" if advice.lab_can else advice.hint
    return NoEngine(f"{what}: {seen}", hint=f"{hint}\nlab down --name {name}")
