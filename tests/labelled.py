"""What a test started carries a label of its own, and is removed by it."""

from lab.engine.runner import SystemRunner
from lab.stack.containers import Labelled, Thing


def remove(label: str) -> tuple[Thing, ...]:
    """Remove whatever carries the label; what is still there then."""
    labelled = Labelled(runner=SystemRunner())
    labelled.remove(labelled.things(label))
    return labelled.things(label)
