"""Who runs what `make test` does not: six shards of the faults' proof, and each long test's one command."""

import functools
from collections import Counter

from faults.catalog import FAMILIES
from tests.unit.collecting import chosen_by, collected, said

LAWS = "tests/faults/test_laws.py::"
OWN = {"redis": "test_left_alone.py", "release": "test_buried.py", "net": "test_commands.py"}
CELLS = "tests/contract/test_laws.py"
"""Shown by `make prove SCENARIO=...`, cell by cell."""
EXPLICIT = ("-m", "matrix and not turn")
"""Of those that take turns, `make test` runs one each day."""


@functools.cache
def shards() -> dict[str, list[str]]:
    """The tests of each shard, and under "" those without one."""
    lines = {"": chosen_by("prove-faults")}
    lines |= {family: chosen_by("prove-faults", f"SHARD={family}") for family in FAMILIES}
    return dict(zip(lines, collected(*lines.values()), strict=True))


def test_a_shard_has_its_faults_laws_and_its_folders_tests() -> None:
    for shard in FAMILIES:
        laws = [one for one in shards()[shard] if one.startswith(LAWS)]
        assert laws
        assert all(f"[{shard}." in one for one in laws)
        own = [one for one in shards()[shard] if one not in laws]
        assert all(one.startswith(f"tests/faults/{shard}/") or one.count("/") == 2 for one in own)
        assert any(OWN.get(shard, "") in one for one in own)


def test_the_shards_are_the_whole_and_none_has_what_is_anothers() -> None:
    together = Counter(one for shard in FAMILIES for one in shards()[shard])
    assert together == Counter(shards()[""])


def test_each_long_test_has_one_command_that_runs_it() -> None:
    commands = {name: [*chosen_by(name), *EXPLICIT] for name in ("prove-faults", "prove-verbs", "prove-rest")}
    everything, cells, *found = collected(
        ["tests", "--ignore=tests/unit", *EXPLICIT], [CELLS, *EXPLICIT], *commands.values()
    )
    runs = Counter(cells)
    for ids in found:
        runs.update(ids)
    assert runs == Counter(everything)
    rest = dict(zip(commands, found, strict=True))["prove-rest"]
    assert {one.partition("[")[0] for one in rest} >= {
        "tests/contract/test_healthy.py::test_a_machine_that_slept_is_a_gap_and_not_an_outage",
        "tests/contract/test_run.py::test_a_fix_that_does_nothing_ends_at_the_limit_with_1",
        "tests/host/test_interrupt.py::test_nothing_is_left_of_a_start_that_was_interrupted",
    }


def test_the_help_names_every_shard() -> None:
    (line,) = [one for one in said("make", "help").splitlines() if "prove-faults" in one]
    assert [shard for shard in FAMILIES if shard not in line] == []
