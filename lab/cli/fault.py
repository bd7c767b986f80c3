"""`lab fault`: do one fault to one container, see what is active, undo it."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from faults.catalog import find
from faults.core import Fault
from faults.parameters import typed
from faults.store import Record
from faults.targets import require_container
from lab.cli._fault_desk import container_in, elsewhere, of_lab, of_nobody, open_anywhere, swept, told
from lab.cli._host import Host
from lab.cli._options import json_flag, named
from lab.errors import EnvironmentTrouble, UsageError

if TYPE_CHECKING:
    from faults.desk import Standing

SAFE_NOTES = ("mechanism",)
"""Of a receipt, what may be shown: the rest can hold passwords and rows."""


@click.group("fault")
def fault() -> None:
    """Do one reversible fault to one container, see what is active, and undo it.

    \b
      lab faults                                          what there is
      lab fault inject net.latency --target redis --param delay_ms=300
      lab fault active
      lab fault revert --all
    """


def _pairs(_context: click.Context, parameter: click.Parameter, words: tuple[str, ...]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for key, sign, _ in pairs:
        if not (key and sign):
            raise click.BadParameter(f"{key!r} is not like {parameter.metavar}")
    return {key: value for key, _, value in pairs}


@fault.command("inject")
@click.argument("fault_id", metavar="ID")
@click.option("--param", "words", multiple=True, metavar="KEY=VALUE", callback=_pairs, help="A parameter.")
@click.option("--target", default="", help="A service or container of the lab [default: the fault's engine].")
@named
@click.option("--container", default="", help="A container outside labs, instead of a lab's.")
@click.option(
    "--login",
    "logins",
    multiple=True,
    metavar="ROLE=VARIABLE",
    callback=_pairs,
    help="With --container: the environment's variable that holds a role's password.",
)
@click.option("--database", default="shop", show_default=True, help="With --container: the database.")
@json_flag
def inject(
    fault_id: str,
    words: Mapping[str, str],
    target: str,
    name: str,
    container: str,
    logins: Mapping[str, str],
    database: str,
    as_json: bool,
) -> None:
    """Do the fault ID to a container of a lab, or to any other, and return when the victim shows it.

    Exits 1 where it does not bite or cannot be done to its end (it is reverted then), 2 where the words are
    off, 3 where kernel, engine or server lack what it needs. Nothing is changed then, unless the message says
    that it could not be undone: `lab fault revert` tries again.

    \b
      lab fault inject postgres.idle_in_transaction --param rows=50
      lab fault inject net.partition --target redis --param peer=api
      lab fault inject redis.maxmemory_noeviction --container my-redis --login admin=REDIS_PASSWORD
    """
    if target and container:
        raise UsageError("--target names a container of a lab, --container one outside: not both")
    host = Host()
    with told():
        wanted: Fault = typed(find(fault_id), words)
        require_container(wanted.about.kind)
    if container:
        with of_nobody(host) as desk:
            record = desk.inject(wanted, container, logins=logins, database=database)
    else:
        known = host.running(name)
        victim = container_in(host, name, wanted.about.kind, target)
        with of_lab(host, known) as desk:
            record = desk.inject(wanted, victim)
    _show(record, wanted, as_json=as_json)


def _facts(record: Record) -> dict[str, Any]:
    shown = {key: record.receipt[key] for key in SAFE_NOTES if key in record.receipt}
    return {
        "id": record.id,
        "fault": record.fault,
        "target": record.target,
        "parameters": dict(record.parameters),
        **shown,
    }


def _show(record: Record, wanted: Fault, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_facts(record), indent=1))
        return
    by = f" (by {record.receipt['mechanism']})" if "mechanism" in record.receipt else ""
    click.echo(f"{record.fault} is in effect on {record.target}{by}")
    click.echo(f"  see   {wanted.about.see}")
    click.echo(f"  fix   {wanted.about.fix}")
    click.echo(f"  undo  lab fault revert {record.id}")


@fault.command("active")
@named
@json_flag
def active(name: str, as_json: bool) -> None:
    """List the faults done and not undone, to the lab and to containers outside labs, and how they stand.

    Each victim is asked: a fault that a person or a restart has ended says so.

    \b
      lab fault active
    """
    found: list[Standing] = []
    for opened in open_anywhere(Host(), name):
        with opened() as desk:
            found += desk.standings()
    if as_json:
        click.echo(json.dumps([{**_facts(one.record), "stands": one.word} for one in found], indent=1))
        return
    for one in found:
        click.echo(f"{one.record.id:<44} {one.record.target:<28} {one.word}")
    if not found:
        click.echo("no fault is open")


@fault.command("revert")
@click.argument("ident", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All that are open, newest first.")
@named
@json_flag
def revert(ident: str | None, everything: bool, name: str, as_json: bool) -> None:
    """Undo the fault ID (a receipt's id, or a fault's where one is open), or --all, and see the damage gone.

    Safe to repeat. A victim that is gone took its fault with it, and counts as reverted. What is in the way
    and was made by somebody else is left alone, and said. --all also removes what a killed command left.

    \b
      lab fault revert net.latency
      lab fault revert --all
    """
    if bool(ident) is everything:
        raise UsageError("say which: an ID, or --all", hint="lab fault active lists what is open")
    host, outcomes = Host(), dict[str, str]()
    for opened in open_anywhere(host, name):
        with opened() as desk:
            records = [one for one in desk.store.open() if everything or ident in (one.id, one.fault)]
            if not everything and len(records) > 1:
                raise UsageError(f"{ident} is open {len(records)} times: {', '.join(r.id for r in records)}")
            outcomes |= desk.revert(records)
    if ident and not outcomes:
        other = elsewhere(ident)
        hint = f"lab fault revert {ident} --name {other}" if other else "lab fault active lists what is open"
        raise UsageError(f"no open fault is {ident!r}{f' in lab {name}' if other else ''}", hint=hint)
    removed: Sequence[str] = ()
    try:
        removed = swept(host, name) if everything else ()
    finally:  # what was undone is undone, whatever comes of sweeping
        _say_reverted(outcomes, removed, as_json=as_json)
    if any(outcome.startswith("failed") for outcome in outcomes.values()):
        raise EnvironmentTrouble("not everything could be undone", hint="lab fault revert --all")


def _say_reverted(outcomes: Mapping[str, str], removed: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"reverted": dict(outcomes), "removed": list(removed)}, indent=1))
        return
    for record_id, outcome in outcomes.items():
        click.echo(f"{record_id}: {outcome}")
    for helper in removed:
        click.echo(f"{helper}: a killed command left it behind, removed")
    if not outcomes:
        click.echo("no fault is open")
