"""All faults there are, found in the family packages; nobody keeps a list."""

import difflib
import functools
import importlib
import pkgutil
from typing import Any, cast

import faults
from faults.core import Fault
from faults.errors import UnknownFault
from faults.parameters import made
from faults.store import Record

FAMILIES = ("postgres", "mysql", "redis", "net", "host", "release")


@functools.cache
def catalogue() -> dict[str, type[Any]]:
    """Every fault's class by its id, sorted."""
    classes = {}
    for family in FAMILIES:
        package = importlib.import_module(f"{faults.__name__}.{family}")
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            for one in vars(module).values():
                if isinstance(one, type) and one.__module__ == module.__name__ and hasattr(one, "about"):
                    classes[one.about.id] = one
    return dict(sorted(classes.items()))


def find(fault_id: str) -> type[Any]:
    """The class of that id; UnknownFault names the nearest."""
    known = catalogue()
    if fault_id not in known:
        near = difflib.get_close_matches(fault_id, known, n=1, cutoff=0.4)
        raise UnknownFault(
            f"no fault {fault_id!r}", hint=f"did you mean {near[0]}?" if near else "lab faults lists them"
        )
    return known[fault_id]


def of_record(record: Record) -> Fault:
    """The fault that a record is about, with its parameters."""
    return cast("Fault", made(find(record.fault), record.parameters))
