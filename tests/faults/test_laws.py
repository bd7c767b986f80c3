"""The laws of every fault, on real servers."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import count, groupby

import pytest

from faults.core import Undo
from faults.store import Store
from lab.stack.places import checkout
from tests.faults import laws
from tests.faults.cases import at_both_ends, cases
from tests.faults.laws import Case
from tests.faults.servers import Yard
from tests.turns import in_turn

pytestmark = pytest.mark.docker

ALL = tuple(cases())
EVERY_RUN = frozenset(case.id for _, case in ALL if case.every_run)
# What an engineer does about them: half of them in each run, the others on the next day.
BY_HAND = frozenset(in_turn([sorted(EVERY_RUN)[0::2], sorted(EVERY_RUN)[1::2]]))


def of_each_family(ids: Iterable[str]) -> frozenset[str]:
    """One case of each family, the next one each day."""
    families = groupby(ids, key=lambda one: one.partition(".")[0])
    return frozenset(in_turn(members) for _, members in families)


# The long laws: cases have their turns. They begin at different ends, so that they seldom take the same one.
RESTARTED = of_each_family(sorted(case.id for _, case in ALL if case.restart_ends is not None))
# Of those to be killed at every step, what takes minutes to bite or to undo is left to the matrix.
SHORT = [case.id for _, case in ALL if case.fault.about.instant and case.fault.about.undo is Undo.INVERSE]
KILLED = of_each_family(sorted(SHORT, reverse=True))

# Mild and severe: one of them all each day.
STRENGTH = in_turn(case.id for case in at_both_ends())


def over_all(chosen: frozenset[str]) -> pytest.MarkDecorator:
    """Every case; those that are not *chosen* only where the whole matrix is asked for."""
    params = [
        pytest.param(module, case, id=case.id, marks=[] if case.id in chosen else [pytest.mark.matrix])
        for module, case in ALL
    ]
    return pytest.mark.parametrize(("module", "case"), params)


@over_all(EVERY_RUN)
def test_life(
    module: str,
    case: Case,
    yard: Yard,
    store: Store,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("fault", case.fault.about.id)
    laws.life(case, yard, store, note=record_property)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.id, marks=[] if case.id == STRENGTH else [pytest.mark.matrix])
        for case in at_both_ends()
    ],
)
def test_each_strength(
    case: Case, yard: Yard, store: Store, record_property: Callable[[str, object], None]
) -> None:
    record_property("fault", case.fault.about.id)
    laws.life(case, yard, store, note=record_property)


@over_all(BY_HAND)
def test_fixed_by_hand(module: str, case: Case, yard: Yard, store: Store) -> None:
    laws.fixed_by_hand(case, yard, store)


@over_all(RESTARTED)
def test_victim_restarted(module: str, case: Case, yard: Yard, store: Store) -> None:
    if case.restart_ends is None:
        pytest.skip(case.untried)
    laws.restarted(case, yard, store)


@over_all(KILLED)
def test_injector_killed_at_every_step(module: str, case: Case, yard: Yard, store: Store) -> None:
    server = case.server(yard)
    case.before(server)
    stood = laws.beside(server.target)
    for steps in count():
        words = [module, case.id, str(store.folder), yard.label, str(steps)]
        run = subprocess.run(
            [sys.executable, "-m", "tests.faults.killed", *words],
            cwd=checkout(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert run.returncode == -9, run.stderr
        assert len(store.open()) == 1, "the receipt was written first"
        laws.recovered(case, yard, store.folder, stood)
        if f"survived {steps}" in run.stdout:
            return
