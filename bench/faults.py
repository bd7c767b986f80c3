"""How soon each fault bites and is undone: the times that the fault tests note while they prove it."""

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bench.results import Figure
from faults.catalog import find
from faults.core import Undo
from lab.stack.places import checkout

INJECT_AT_MOST_S = 1.0
INJECT, UNDO = "inject_to_active_s", "undo_s"
UNDO_AT_MOST_S = {Undo.INVERSE: 2.0, Undo.REBUILD: 10.0}

Times = Mapping[str, Mapping[str, Sequence[float]]]
"""Seconds by case (a fault, or a variant of one) and by what took them."""


class NotProven(Exception):
    """A fault's life was not as it must be: its times say nothing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The times of each case, and how long each run of all of them took."""

    times: Times
    runs_s: tuple[float, ...]

    def said(self) -> str:
        """The totals, in a sentence."""
        spent = {name: sum(sum(one.get(name, ())) for one in self.times.values()) for name in (INJECT, UNDO)}
        runs = ", ".join(f"{took_s:.0f} s" for took_s in self.runs_s)
        return (
            f"cases: {len(self.times)}, in all {sum(self.runs_s):.0f} s ({runs}):"
            f" {spent[INJECT]:.1f} s from the call to what the victim shows, {spent[UNDO]:.1f} s to undo"
        )


def run(shard: str, repeat: int) -> Measured:
    """Prove each fault of *shard* (a family; "": all) so often; NotProven where one fails."""
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    runs_s = []
    for _ in range(repeat):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "junit.xml"
            _prove(shard, report)
            for case, name, took_s in noted(report.read_text(encoding="utf-8")):
                times[case][name].append(took_s)
        runs_s.append(time.monotonic() - began)
    return Measured(times=times, runs_s=tuple(runs_s))


def _prove(shard: str, report: Path) -> None:
    chosen = ["-k", f"test_life and {shard}." if shard else "test_life"]
    # Only this older form of the report has what a test notes.
    written = [f"--junitxml={report}", "-o", "junit_family=xunit1"]
    argv = [sys.executable, "-m", "pytest", "tests/faults/test_laws.py", *chosen, *written]
    done = subprocess.run(argv, cwd=checkout(), check=False)
    if done.returncode != 0:
        raise NotProven(f"not every fault was proven: pytest ended with {done.returncode}")


def noted(junit: str) -> Iterable[tuple[str, str, float]]:
    """Case, what was timed and its seconds, of each test in a JUnit report that noted a fault."""
    for test in ElementTree.fromstring(junit).iter("testcase"):  # noqa: S314 - written by our own pytest
        said = {one.attrib["name"]: one.attrib["value"] for one in test.iter("property")}
        if said.pop("fault", ""):
            case = test.attrib["name"].partition("[")[2].removesuffix("]")
            yield from ((case, name, float(value)) for name, value in said.items())


def figures(times: Times) -> list[Figure]:
    """Two figures for each case, beside the budget that its fault has; no single value may be over it."""
    found = []
    for case in sorted(times):
        about = find(case.partition("-")[0]).about
        budgets = {INJECT: INJECT_AT_MOST_S if about.instant else None, UNDO: UNDO_AT_MOST_S[about.undo]}
        found += [
            Figure(
                name=f"{case} {name.removesuffix('_s').split('_')[0]}",
                unit="s",
                values=tuple(values),
                at_most=budgets[name],
                worst_too=True,
            )
            for name, values in times[case].items()
        ]
    return found
