"""Which of several a run of the tests takes, where all of them would take too long each time."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")


def in_turn(several: Iterable[T]) -> T:
    """The next one each day."""
    choice = tuple(several)
    return choice[datetime.now(UTC).date().toordinal() % len(choice)]
