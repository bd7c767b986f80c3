"""Numbers that look random and are the same for the same seed, whatever else happens meanwhile."""

import random
from collections.abc import Sequence
from functools import lru_cache

from loadgen.words import MIX

_MASK = (1 << 64) - 1


def unit(seed: int, n: int) -> float:
    """Draw the *n*-th number in [0, 1) of the sequence *seed* (splitmix64)."""
    z = (seed + (n + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) / 2**64


@lru_cache(maxsize=4)
def _deck(seed: int, hand: int) -> Sequence[tuple[str, int]]:
    routes = [route for route, cards in MIX.items() for _ in range(cards)]
    random.Random(f"{seed}/deck/{hand}").shuffle(routes)  # noqa: S311 - traffic, not secrets
    seen = {route: hand * cards for route, cards in MIX.items()}
    dealt = []
    for route in routes:
        dealt.append((route, seen[route]))
        seen[route] += 1
    return tuple(dealt)


def deal(seed: int, n: int) -> tuple[str, int]:
    """Tell the route of the *n*-th arrival and how many came before it on that route.

    Routes come from a shuffled deck of a hundred, so that each hundred arrivals have exactly the mix: a
    window of five seconds then differs from the next by what the shop does, not by what was drawn.
    """
    hand, card = divmod(n, sum(MIX.values()))
    return _deck(seed, hand)[card]


def crosses(nth: int, ratio: float) -> bool:
    """Tell whether the *nth* of a kind is one of the *ratio* (0-1), spread evenly."""
    ratio = min(max(ratio, 0.0), 1.0)
    return int((nth + 1) * ratio + 1e-9) > int(nth * ratio + 1e-9)
