"""The matrix that closes a proof: a row for each scenario, a column for each kind of cell."""

import json

import pytest

from lab.cli._prove_screen import Screen
from lab.grade.model import Verdict
from lab.proof.cell import Cell, Law
from lab.proof.matrix import Row, Task
from lab.proof.summary import WIDTH, Tally, as_data, as_text, matrix_of


def row(law: Law, *, ok: bool = True, measured: bool = True) -> Row:
    return Row(
        cell=Cell(law=law, name="x", want=frozenset({"fail"})),
        ok=ok,
        verdict="fail",
        because="",
        measured=measured,
    )


ROWS = [
    ("max-connections", row(Law.HEALTHY)),
    ("max-connections", row(Law.SOLVED)),
    ("max-connections", row(Law.SOLVED, ok=False)),
    ("stale-reads", row(Law.TRAPPED, ok=False, measured=False)),
    ("stale-reads", row(Law.TRAPPED)),
    ("stale-reads", row(Law.REVERSIBLE)),
]


def test_cells_are_counted_by_scenario_and_kind() -> None:
    assert as_text(matrix_of(ROWS)) == [
        "SCENARIO         HEALTHY    UNSOLVED   FIXES      TRAPS      CHEATS     KILLED",
        "max-connections  ok 1/1     -          NOT 1/2    -          -          -",
        "stale-reads      -          -          -          ? 1/2      -          ok 1/1",
    ]


def test_what_is_wrong_is_louder_than_what_was_not_measured() -> None:
    assert Tally(runs=3, ok=1, not_measured=1).text == "NOT 1/3"
    assert Tally(runs=2, ok=1, not_measured=1).text == "? 1/2"


def test_it_fits_a_screen_however_long_names_and_counts_are() -> None:
    rows = [("a-scenario-whose-name-is-longer-than-any-that-there-is", row(law)) for law in Law]
    lines = as_text(matrix_of(rows * 200))
    assert max(map(len, lines)) <= WIDTH
    assert "…" in lines[1]


def test_machines_get_the_same_numbers() -> None:
    data = as_data(matrix_of(ROWS))
    assert data["max-connections"]["fixes"] == {"runs": 2, "ok": 1, "not_measured": 0}
    assert data["stale-reads"]["traps"] == {"runs": 2, "ok": 1, "not_measured": 1}
    assert list(data["stale-reads"]) == ["healthy", "unsolved", "fixes", "traps", "cheats", "killed"]


def ended(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    rows = [(Task(scenario=scenario, cell=one.cell), one) for scenario, one in ROWS]
    Screen(as_json=as_json, count=len(rows)).end(rows, Verdict.FAIL)
    return capsys.readouterr().out


def test_a_proof_ends_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ended(capsys, as_json=False)
    assert "\nSCENARIO " in shown
    assert shown.endswith("NOT every cell is as it must be\n")
    told = json.loads(ended(capsys, as_json=True))
    assert told == {"matrix": as_data(matrix_of(ROWS)), "verdict": "fail"}
