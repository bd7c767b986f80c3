"""What a measurement holds against its budget, and how it ends; the times of the faults."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import faults, results
from bench.__main__ import main
from bench.faults import Measured, figures, noted
from bench.results import Figure, outside, table


@pytest.mark.parametrize(
    ("values", "said"), [((2.0, 3.0, 9.0), "ok, 60% of it"), ((6.0,), "OVER, 120% of it")]
)
def test_a_median_is_shown_beside_its_budget(values: tuple[float, ...], said: str) -> None:
    assert said in table([Figure(name="reset", unit="s", values=values, at_most=5.0)])


def test_the_worst_is_held_to_a_budget_that_is_everybodys() -> None:
    median = Figure(name="reset", unit="s", values=(2.0, 3.0, 9.0), at_most=5.0)
    each = Figure(name="undo", unit="s", values=(2.0, 3.0, 9.0), at_most=5.0, worst_too=True)
    least = Figure(name="offered", unit="", values=(0.9, 1.0, 1.0), at_least=1.0, worst_too=True)
    assert outside([median, each, least]) == ("undo", "offered")
    assert "OVER, 60% of it, the worst 180%" in table([each])
    assert "UNDER, 100% of it, the worst 90%" in table([least])


def test_what_has_no_budget_is_never_outside_it() -> None:
    assert outside([Figure(name="start", unit="s", values=(1e6,), worst_too=True)]) == ()


JUNIT = """<testsuites><testsuite>
<testcase name="test_life[redis.big_key]"><properties>
<property name="fault" value="redis.big_key"/>
<property name="inject_to_active_s" value="7.5"/>
<property name="undo_s" value="0.25"/>
</properties></testcase>
<testcase name="test_life[redis.paused_writes]"><properties>
<property name="fault" value="redis.paused_writes"/>
<property name="inject_to_active_s" value="1.5"/>
</properties></testcase>
<testcase name="test_life[net.partition-from one peer]"><properties>
<property name="fault" value="net.partition"/>
<property name="undo_s" value="0.5"/>
</properties></testcase>
<testcase name="test_of_something_else"/>
</testsuite></testsuites>"""


def test_times_are_read_from_what_the_tests_of_the_faults_noted() -> None:
    assert list(noted(JUNIT)) == [
        ("redis.big_key", "inject_to_active_s", 7.5),
        ("redis.big_key", "undo_s", 0.25),
        ("redis.paused_writes", "inject_to_active_s", 1.5),
        ("net.partition-from one peer", "undo_s", 0.5),
    ]


def test_a_fault_that_needs_load_to_bite_has_no_budget_for_it_and_each_undo_has() -> None:
    times = {
        "redis.big_key": {"inject_to_active_s": [7.5], "undo_s": [0.25]},
        "redis.paused_writes": {"inject_to_active_s": [1.5]},
    }
    assert {figure.name: (figure.at_most, figure.within) for figure in figures(times)} == {
        "redis.big_key inject": (None, None),
        "redis.big_key undo": (2.0, True),
        "redis.paused_writes inject": (1.0, False),
    }


def test_time_that_a_fault_is_given_to_settle_takes_no_budget_away() -> None:
    times = {"postgres.connections_exhausted": {"inject_to_active_s": [1.5]}}
    assert [figure.at_most for figure in figures(times)] == [1.0]


def test_cases_of_one_fault_are_told_apart_and_have_its_budget() -> None:
    times = {"net.partition": {"undo_s": [0.5]}, "net.partition-from one peer": {"undo_s": [2.5]}}
    assert [(figure.name, figure.at_most, figure.within) for figure in figures(times)] == [
        ("net.partition undo", 2.0, True),
        ("net.partition-from one peer undo", 2.0, False),
    ]


def test_one_slow_undo_among_fast_ones_is_over() -> None:
    (undo,) = figures({"redis.big_key": {"undo_s": [0.1, 0.1, 2.5]}})
    assert undo.median == 0.1
    assert undo.within is False


def measured(undo_s: float) -> Measured:
    times = {"redis.big_key": {"inject_to_active_s": [7.5], "undo_s": [undo_s]}}
    return Measured(times=times, runs_s=(30.0, 32.4))


@pytest.mark.parametrize(("undo_s", "code"), [(0.25, 0), (2.5, 1)])
def test_a_measurement_ends_with_1_where_a_budget_is_not_kept(
    undo_s: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(faults, "run", lambda _, __: measured(undo_s))
    done = CliRunner().invoke(main, ["faults", "--shard", "redis"])
    assert done.exit_code == code, done.output
    assert "cases: 1, in all 62 s (30 s, 32 s): 7.5 s from the call to what the victim shows" in done.output
    assert ("outside its budget: redis.big_key undo" in done.output) is bool(code)
    (kept,) = tmp_path.iterdir()
    assert kept.name.startswith("faults-redis-")
    undo = json.loads(kept.read_text())["figures"][1]
    assert (undo["worst"], undo["within"]) == (undo_s, not code)


@pytest.mark.parametrize("words", [[], *([name] for name in main.commands)], ids=" ".join)
def test_the_help_says_how_a_measurement_ends(words: list[str]) -> None:
    assert "Ends with 1" in CliRunner().invoke(main, [*words, "--help"]).output
