"""Which of several a run of the tests takes, where all of them would take too long each time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import cycle
from typing import TypeVar

import pytest

T = TypeVar("T")


def in_turn(several: Iterable[T]) -> T:
    """The next one each day."""
    choice = tuple(several)
    return choice[datetime.now(UTC).date().toordinal() % len(choice)]


def alternating(many: Sequence[T], few: Sequence[T]) -> list[T]:
    """Each of the *many*, and after it one of the *few*."""
    return [one for pair in zip(many, cycle(few), strict=False) for one in pair]


def round_robin(several: Sequence[Sequence[T]]) -> list[T]:
    """The first of each, then the second of each, until the longest is through."""
    longest = max(map(len, several))
    return [few[n] for n in range(longest) for few in several if n < len(few)]


def leave_to_others_days(items: Iterable[pytest.Item]) -> None:
    """Of all tests that are marked `turn` with one word, all but today's become part of the matrix."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        for mark in item.iter_markers("turn"):
            groups.setdefault(str(mark.args[0]), []).append(item)
    for group in groups.values():
        todays = in_turn(group)
        for item in group:
            if item is not todays:
                item.add_marker(pytest.mark.matrix)
