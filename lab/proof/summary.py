"""The matrix that a proof ends with: a row for each scenario, a column for each kind of cell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lab.proof.cell import Law
from lab.proof.matrix import Row

COLUMNS: Mapping[Law, str] = {
    Law.HEALTHY: "healthy",
    Law.UNSOLVED: "unsolved",
    Law.SOLVED: "fixes",
    Law.TRAPPED: "traps",
    Law.UNCHEATABLE: "cheats",
    Law.REVERSIBLE: "killed",
}
WIDTH, NAME_WIDTH, CELL_WIDTH = 100, 30, 11


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often cells of one kind were run, were as they must be, and could not be measured."""

    runs: int = 0
    ok: int = 0
    not_measured: int = 0

    def and_of(self, row: Row) -> "Tally":
        """With one more."""
        return Tally(
            runs=self.runs + 1,
            ok=self.ok + row.ok,
            not_measured=self.not_measured + (not row.ok and not row.measured),
        )

    @property
    def text(self) -> str:
        """A mark and the count, nothing where there was none."""
        if not self.runs:
            return "-"
        wrong = self.runs - self.ok - self.not_measured
        mark = "NOT" if wrong else "?" if self.not_measured else "ok"
        return f"{mark} {self.ok}/{self.runs}"


Matrix: TypeAlias = Mapping[str, Mapping[str, Tally]]


def matrix_of(rows: Iterable[tuple[str, Row]]) -> Matrix:
    """The tallies by scenario and kind, scenarios in the order of their first cell; every kind is there."""
    found: dict[str, dict[str, Tally]] = {}
    for scenario, row in rows:
        tallies = found.setdefault(scenario, {name: Tally() for name in COLUMNS.values()})
        kind = COLUMNS[row.cell.law]
        tallies[kind] = tallies[kind].and_of(row)
    return found


def as_text(matrix: Matrix) -> list[str]:
    """Its lines, none longer than `WIDTH`."""
    width = min(NAME_WIDTH, max(map(len, ("scenario", *matrix))))
    head = [name.upper() for name in COLUMNS.values()]
    body = {name: [tallies[kind].text for kind in COLUMNS.values()] for name, tallies in matrix.items()}
    return [_line(name, cells, width) for name, cells in (("SCENARIO", head), *body.items())]


def as_data(matrix: Matrix) -> dict[str, dict[str, dict[str, int]]]:
    """The same as plain data."""
    return {
        name: {
            kind: {"runs": tally.runs, "ok": tally.ok, "not_measured": tally.not_measured}
            for kind, tally in tallies.items()
        }
        for name, tallies in matrix.items()
    }


def _line(name: str, cells: Iterable[str], width: int) -> str:
    short = name if len(name) <= width else f"{name[: width - 1]}…"
    return f"{short:<{width}}  {''.join(f'{cell:<{CELL_WIDTH}}' for cell in cells)}".rstrip()
