"""All cases of all families: whatever a `cases_*.py` beside the family's tests declares."""

import functools
import importlib
from pathlib import Path

from tests.faults.laws import Case
from tests.faults.strengths import ends_of

HERE = Path(__file__).parent


@functools.cache
def cases() -> tuple[tuple[str, Case], ...]:
    """Each case with the module that it is declared in."""
    found = []
    for path in sorted(HERE.glob("*/cases_*.py")):
        module = ".".join(("tests", "faults", path.parent.name, path.stem))
        found += [(module, case) for case in importlib.import_module(module).CASES]
    return tuple(found)


@functools.cache
def at_both_ends() -> tuple[Case, ...]:
    """Each case at both ends of its fault's parameters; what is the same there is tried once."""
    found: dict[object, Case] = {}
    for _, case in cases():
        for end in ends_of(case.fault):
            tried = case.at(end)
            found.setdefault((tried.fault, end), tried)
    return tuple(found.values())
