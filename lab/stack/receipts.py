"""Receipts of faults done by hand, where a lab is begun anew: its old containers take their faults along."""

import contextlib
import shutil
from collections.abc import Callable, Collection

from faults.errors import BadStore
from faults.store import Phase, Record, Store
from lab.stack.places import faults_dir

BY_RESET = "reset"


def damaged(lab: str, containers: Callable[[], Collection[str]]) -> bool:
    """Whether faults were done to the lab and not all undone: then nothing of it is to go on.

    *containers*, the names of what it has, are asked for only where receipts outside labs may be about them.
    """
    try:
        if Store(folder=faults_dir(lab)).open():
            return True
        outside = Store(folder=faults_dir()).open()
    except BadStore:
        return True
    return bool(outside) and any(record.target in containers() for record in outside)


def close(lab: str, removed: Collection[str]) -> None:
    """Close the receipts of faults that went with the *removed* containers, and all of the lab's own."""
    own, outside = faults_dir(lab), faults_dir()
    try:
        _close(Store(folder=own), lambda _: True)
    except BadStore:  # nobody can tell what it was about, and that is gone in any case
        shutil.rmtree(own)
    with contextlib.suppress(BadStore):  # another lab's, or nobody's: whoever looks at it is told
        _close(Store(folder=outside), lambda record: record.target in removed)


def _close(store: Store, which: Callable[[Record], bool]) -> None:
    for record in store.open():
        if which(record):
            store.write(record.now(Phase.REVERTED, ended_by=BY_RESET))
