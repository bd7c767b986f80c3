"""`python -m bench MEASUREMENT`: prints medians and ratios, keeps everything in bench/results/."""

from collections.abc import Sequence
from dataclasses import replace

import click

from bench import exactness, faults, instants, kubectl, measures, scripted
from bench.results import Figure, figures_from, outside, save, table
from bench.stand import Stand
from bench.weigh import MIB
from faults.catalog import FAMILIES
from lab import catalog
from lab.stack.extras import CHOICES

CYCLE: dict[str, tuple[str, float | None]] = {
    "services ready": ("s", 10.0),
    "healthy baseline": ("s", 20.0),
    "page after roll-out": ("s", 45.0),
    "start command (to the page)": ("s", None),
    "reset": ("s", 5.0),
    "down": ("s", 3.0),
}
WEIGHT: dict[str, tuple[str, float | None]] = {
    "memory of the lab": ("MiB", 900.0),
    "processor of the lab": ("cores", 0.5),
    "processor of referee and monitoring": ("cores", 0.15),
}
ENGINES: dict[str, tuple[str, float | None]] = {
    "services ready": ("s", 15.0),
    "memory of the lab": ("MiB", 2252.8),
    "reset": ("s", 8.0),
}
KUBECTL: dict[str, tuple[str, float | None]] = {
    "get pods, in the toolbox": ("ms", 250.0),
    "of which the server": ("ms", 20.0),
    "undo, beyond readiness": ("s", 3.0),
    "readiness of two pods": ("s", None),
    f"{kubectl.WATCHERS} watchers": ("cores", 0.05),
    "referee without them": ("cores", None),
}
EXACT_S = 1.5
# Where everything hangs, a request that will fail says so when its time is out, and not before.
EXACT_AFTER_S = {"hang": 3.0, "freeze": 3.0}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--name", default="bench", show_default=True, help="Name of the lab to start; it must not be up."
)
@click.option("--scenario", default="max-connections", show_default=True)
@click.pass_context
def main(ctx: click.Context, name: str, scenario: str) -> None:
    """Measure the lab. The images must be there already: make images.

    Ends with 1 where a figure is outside its budget, or where nothing could be measured.
    """
    ctx.obj = Stand(name=name, scenario=scenario)


repeated = click.option("--repeat", type=click.IntRange(min=1), default=3, show_default=True)


@main.command("start")
@repeated
@click.pass_obj
def start_command(stand: Stand, repeat: int) -> None:
    """How long start, baseline, page, reset and down take."""
    rows = []
    for n in range(repeat):
        rows.append(measures.cycle(stand))
        click.echo(
            f"{n + 1}/{repeat}: " + ", ".join(f"{name} {value:.1f}" for name, value in rows[-1].items())
        )
    _tell("start", figures_from(rows, CYCLE), rows)


@main.command("weight")
@repeated
@click.option("--for-s", type=float, default=30.0, show_default=True, help="Seconds to measure over.")
@click.pass_obj
def weight_command(stand: Stand, repeat: int, for_s: float) -> None:
    """Memory and processor of a healthy lab under its standard load."""
    rows, details = [], []
    for _ in range(repeat):
        row, weights = measures.weight(stand, for_s=for_s)
        rows.append(row)
        details.append([vars(w) for w in weights])
        for part in sorted(weights, key=lambda w: -w.memory_bytes):
            click.echo(
                f"  {part.part:20} {part.memory_bytes / MIB:7.1f} MiB {part.core_ratio:7.1%} of a core"
            )
    _tell("weight", figures_from(rows, WEIGHT), details)


@main.command("engines")
@repeated
@click.pass_obj
def engines_command(stand: Stand, repeat: int) -> None:
    """A lab with every engine, replica and pooler: readiness, memory, reset."""
    full = replace(stand, more=CHOICES)
    rows, details = [], []
    for n in range(repeat):
        row, weights = measures.engines(full)
        rows.append(row)
        details.append([vars(w) for w in weights])
        click.echo(f"{n + 1}/{repeat}: " + ", ".join(f"{name} {value:.1f}" for name, value in row.items()))
    for part in sorted(weights, key=lambda w: -w.memory_bytes):
        click.echo(f"  {part.part:26} {part.memory_bytes / MIB:7.1f} MiB {part.core_ratio:7.1%} of a core")
    _tell("engines", figures_from(rows, ENGINES), details)


@main.command("kubectl")
@repeated
@click.option("--for-s", type=float, default=20.0, show_default=True, help="Seconds to watch over.")
@click.pass_obj
def kubectl_command(stand: Stand, repeat: int, for_s: float) -> None:
    """What a look, a roll-back of two pods and fifty watchers cost, under the standard load."""
    rows = []
    for n in range(repeat):
        rows.append(kubectl.kubectl(stand, for_s=for_s))
        click.echo(f"{n + 1}/{repeat}: " + ", ".join(f"{name} {v:.3g}" for name, v in rows[-1].items()))
    _tell("kubectl", figures_from(rows, KUBECTL), rows)


@main.command("faults")
@click.option("--repeat", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--shard", type=click.Choice(FAMILIES), help="Only this family of faults.")
def faults_command(repeat: int, shard: str | None) -> None:
    """How soon each fault bites and is undone, on servers that the tests of the faults start.

    No single value may be over its budget, so the worst counts and not the median alone.
    """
    try:
        measured = faults.run(shard or "", repeat)
    except faults.NotProven as error:
        raise click.ClickException(str(error)) from error
    click.echo(measured.said())
    _tell("faults" + (f"-{shard}" if shard else ""), faults.figures(measured.times), vars(measured))


@main.command("peak")
@repeated
@click.option("--rate-per-s", type=float, help="[default: the scenario's declared peak]")
@click.option("--for-s", type=float, default=60.0, show_default=True)
@click.pass_obj
def peak_command(stand: Stand, repeat: int, rate_per_s: float | None, for_s: float) -> None:
    """Whether the shop bears its declared peak: 99% success, p95 in bounds."""
    rate_per_s = rate_per_s or catalog.find(stand.scenario).load.peak_per_s
    seen = [measures.peak(stand, rate_per_s=rate_per_s, for_s=for_s) for _ in range(repeat)]
    offered = tuple(s.requests / for_s for s in seen)
    figures = [
        Figure(name="offered", unit="per s", values=offered, at_least=0.98 * rate_per_s),
        Figure(name="success", unit="", values=tuple(s.success_ratio for s in seen), at_least=0.99),
        Figure(name="p95", unit="ms", values=tuple(s.p95_ms for s in seen), at_most=500.0),
    ]
    _tell("peak", figures)


@main.command("restored")
@repeated
@click.option(
    "--fix", default="rollback", show_default=True, help="Which fix of the runbook ends the outage."
)
@click.pass_obj
def restored_command(stand: Stand, repeat: int, fix: str) -> None:
    """In the drill itself: how far the report's restored-at is from that of an independent prober."""
    errors = []
    for n in range(repeat):
        try:
            found = exactness.after_refusals(stand, fix=fix)
        except exactness.NotRestored as why:
            click.echo(f"{n + 1}/{repeat}: no comparison: {why}")
            continue
        errors.append(found.error_s)
        click.echo(f"{n + 1}/{repeat}: the report says {found.error_s:+.2f} s of the prober's time")
    if not errors:
        raise click.ClickException("nothing could be compared")
    distance = Figure(name="restored-at", unit="s off", values=tuple(map(abs, errors)), at_most=EXACT_S)
    _tell("restored", [distance], errors)


@main.command("instants")
@click.option(
    "--times", type=click.IntRange(min=1), default=3, show_default=True, help="Outages of each kind."
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(scripted.OUTAGES)), help="Only these.")
@click.pass_obj
def instants_command(stand: Stand, times: int, kinds: tuple[str, ...]) -> None:
    """The report's impact and restored-at against an independent prober's, on scripted outages."""
    chosen = kinds or tuple(scripted.OUTAGES)
    try:
        found = instants.measure(stand, kinds=chosen, times=times)
    except instants.NotAlike as error:
        raise click.ClickException(str(error)) from error
    figures = [
        Figure(name=f"{name}, {kind}", unit="s off", values=values, at_most=EXACT_AFTER_S.get(kind, EXACT_S))
        for kind in chosen
        for name, values in instants.off(found, kind).items()
        if values
    ]
    for kind in chosen:
        left_out = sum(distance.stalled for distance in found if distance.kind == kind)
        if left_out:
            click.echo(f"{kind}: {left_out} left out: the load stalled")
    for figure in figures:
        within = sum(value <= (figure.at_most or 0.0) for value in figure.values)
        click.echo(f"{figure.name:24} {within} of {len(figure.values)} within {figure.at_most:g} s")
    _tell("instants", figures, [vars(distance) for distance in found])


def _tell(subject: str, figures: Sequence[Figure], details: object = None) -> None:
    click.echo(table(figures))
    click.echo(f"kept in {save(subject, figures, details)}")
    if missed := outside(figures):
        raise click.ClickException(
            f"outside {'its' if len(missed) == 1 else 'their'} budget: {', '.join(missed)}"
        )


for command in main.commands.values():
    command.epilog = "Ends with 1 where a figure is outside its budget."


if __name__ == "__main__":
    main()
