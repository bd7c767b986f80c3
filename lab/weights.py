"""Points for scenarios that give none: each category has its weight, shared by its objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor

from lab.scenario import Category, Objective

WHOLE = 100
DEFAULTS: Mapping[Category, int] = {
    Category.SERVICE: 45,
    Category.RESOLVED: 15,
    Category.DATA: 15,
    Category.DIAGNOSIS: 10,
    Category.TIMES: 10,
    Category.SAFETY: 5,
}


def weighed(objectives: Sequence[Objective]) -> tuple[Objective, ...]:
    """The objectives with points that add up to 100, where none of them has any; else as they are.

    The weight of a category that no objective is of goes to the others, in proportion.
    """
    if any(objective.points for objective in objectives):
        return tuple(objectives)
    counts = {c: sum(o.category is c for o in objectives) for c in DEFAULTS}
    present = [category for category in DEFAULTS if counts[category]]
    shares = dict(zip(present, apportioned(WHOLE, [DEFAULTS[c] for c in present]), strict=True))
    points = {c: iter(apportioned(shares[c], [1] * counts[c])) for c in present}
    return tuple(replace(objective, points=next(points[objective.category])) for objective in objectives)


def apportioned(whole: int, weights: Sequence[float]) -> tuple[int, ...]:
    """*whole* in integers by *weights*; the largest remainders, of equals the first, get one more."""
    total = sum(weights)
    exact = [whole * weight / total for weight in weights]
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return tuple(parts)
