"""What a scenario must show: one cell per law, fix, trap and cheat."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lab.proof.cell import FAIL, PASS, Cell, Law
from lab.proof.cheats import cheats_of
from lab.recogniser import Trapped
from lab.runbook import FIRST, Runbook, causes_of


def cells_of(
    runbook: Runbook,
    variants: Sequence[str] = (),
    *,
    trapped: Sequence[Trapped] = (),
    cheats: bool = True,
    read: Collection[str] | None = None,
) -> tuple[Cell, ...]:
    """Every cell that a scenario owes, cheapest first.

    A fix or a trap is tried in the causes that the runbook says. Where it does not say, in the scenario's
    own, and the first fix in each of its *variants* too.

    *trapped*: what must come of its traps. *cheats*: those that do not depend on what is wrong, too, save
    those that hide what none of its objectives *read* from Prometheus (None: all).
    """
    first, *others = runbook.fixes
    causes = causes_of(variants)
    come = {one.trap: one for one in trapped}
    solved = (
        *_tried(Law.SOLVED, first, runbook, causes, unsaid=causes),
        *(cell for name in others for cell in _tried(Law.SOLVED, name, runbook, causes)),
    )
    trapping = (
        _wanting(cell, come.get(name))
        for name in runbook.traps
        for cell in _tried(Law.TRAPPED, name, runbook, causes)
    )
    return (
        Cell(law=Law.HEALTHY, name="healthy", calm=True, want=frozenset({PASS}), felt=False),
        Cell(law=Law.UNSOLVED, name="unsolved", want=frozenset({FAIL})),
        *solved,
        *trapping,
        *(cheats_of(runbook.fixes[first], read=read) if cheats else ()),
    )


def _wanting(cell: Cell, came: Trapped | None) -> Cell:
    """With what must come of its trap, as far as that is said."""
    if came is None:
        return cell
    return replace(cell, shows=frozenset(came.shows), blames=frozenset(came.blames))


def _tried(
    law: Law, name: str, runbook: Runbook, causes: Sequence[str], *, unsaid: Sequence[str] = (FIRST,)
) -> tuple[Cell, ...]:
    """A cell for each cause in which that fix or trap is tried."""
    solves = law is Law.SOLVED
    script = (runbook.fixes if solves else runbook.traps)[name]
    said = runbook.tried_in.get(("fix" if solves else "trap", name), unsaid)
    return tuple(
        Cell(
            law=law,
            name=name,
            script=script,
            want=frozenset({PASS if solves else FAIL}),
            traps=frozenset() if solves else frozenset({name}),
            seed=seed,
            cause=cause if seed else "",
        )
        for seed, cause in enumerate(causes)
        if cause in said
    )
