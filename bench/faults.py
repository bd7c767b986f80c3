"""How soon each fault bites and is undone: the times that the fault tests note while they prove it."""

import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from bench.results import Figure
from faults.catalog import find
from faults.core import Undo
from lab.stack.places import checkout

INJECT_AT_MOST_S = 1.0
UNDO_AT_MOST_S = {Undo.INVERSE: 2.0, Undo.REBUILD: 10.0}

Times = Mapping[str, Mapping[str, Sequence[float]]]
"""Seconds by fault and by what took them."""


class NotProven(Exception):
    """A fault's life was not as it must be: its times say nothing."""


def run(shard: str, repeat: int) -> Times:
    """Prove each fault of *shard* (a family; "": all) so often; NotProven where one fails."""
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "junit.xml"
            _prove(shard, report)
            for fault, name, took_s in noted(report.read_text(encoding="utf-8")):
                times[fault][name].append(took_s)
    return times


def _prove(shard: str, report: Path) -> None:
    chosen = ["-k", f"test_life and {shard}." if shard else "test_life"]
    # Only this older form of the report has what a test notes.
    written = [f"--junitxml={report}", "-o", "junit_family=xunit1"]
    argv = [sys.executable, "-m", "pytest", "tests/faults/test_laws.py", *chosen, *written]
    done = subprocess.run(argv, cwd=checkout(), check=False)
    if done.returncode != 0:
        raise NotProven(f"not every fault was proven: pytest ended with {done.returncode}")


def noted(junit: str) -> Iterable[tuple[str, str, float]]:
    """Fault, what was timed and its seconds, of each test in a JUnit report."""
    for test in ElementTree.fromstring(junit).iter("testcase"):  # noqa: S314 - written by our own pytest
        said = {one.attrib["name"]: one.attrib["value"] for one in test.iter("property")}
        fault = said.pop("fault", "")
        yield from ((fault, name, float(value)) for name, value in said.items() if fault)


def figures(times: Times) -> list[Figure]:
    """Two figures for each fault, beside the budget that it has."""
    found = []
    for fault in sorted(times):
        about = find(fault).about
        inject_at_most_s = INJECT_AT_MOST_S if about.instant else None
        budgets = {"inject_to_active_s": inject_at_most_s, "undo_s": UNDO_AT_MOST_S[about.undo]}
        found += [
            Figure(
                name=f"{fault} {name.removesuffix('_s').split('_')[0]}",
                unit="s",
                values=tuple(values),
                at_most=budgets[name],
            )
            for name, values in times[fault].items()
        ]
    return found
