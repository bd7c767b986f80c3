"""What the shop said was left of each product, to be held against what it shows later."""

import time
from collections import deque
from collections.abc import Callable, Mapping

PATIENCE_S = 5.0
"""What was bought so long ago has to be seen by everybody who looks."""

SLACK = 3
"""Pieces that may be back on the shelf: one purchase that was under way and failed, the largest there is."""


class Shelves:
    """Remembers by product what receipts said; *clock* only goes on (seconds)."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[int, deque[tuple[float, int]]] = {}

    def sold(self, left: Mapping[int, int]) -> None:
        """Note what is left after a purchase that has just been acknowledged."""
        now = self._clock()
        for product, n in left.items():
            said = self._said.setdefault(product, deque())
            said.append((now, n))
            _forget(said, before=now - PATIENCE_S)

    def at_most(self, product: int) -> int | None:
        """How many a look that begins now may show; None where nothing is known of it."""
        settled = self._clock() - PATIENCE_S
        said = self._said.get(product, deque())
        _forget(said, before=settled)
        return said[0][1] + SLACK if said and said[0][0] <= settled else None


def _forget(said: deque[tuple[float, int]], *, before: float) -> None:
    """Drop what a newer one that is old enough says better."""
    while len(said) > 1 and said[1][0] <= before:
        said.popleft()
