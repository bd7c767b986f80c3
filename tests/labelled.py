"""What a test started carries a label of its own, and is removed by it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from lab.engine.runner import SystemRunner
from lab.stack.containers import Labelled, Thing


def remove(label: str) -> tuple[Thing, ...]:
    """Remove whatever carries the label; what is still there then."""
    labelled = Labelled(runner=SystemRunner())
    labelled.remove(labelled.things(label))
    return labelled.things(label)


@contextmanager
def own() -> Iterator[str]:
    """A label that nobody else has, nor had; whatever carries it is removed at the end."""
    label = f"test-{uuid.uuid4().hex[:8]}"
    try:
        yield label
    finally:
        remove(label)
