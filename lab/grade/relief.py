"""Relief that is too short for windows to show: a few seconds in which everybody was served."""

from collections.abc import Iterator

from lab.grade.case import Case
from lab.grade.load_view import Second
from lab.grade.series import Series

FEWEST_SECONDS = 3

TELLING = 10.0
"""Where so many requests would have gone wrong before, that none did is no chance."""


def brief_relief(case: Case, lo: int, hi: int) -> tuple[int, int] | None:
    """The first of it in [lo, hi), seconds [a, b), after which it came back; None where there was none.

    What would have gone wrong in it is told by the window that ends with second *lo*.
    """
    for a, b in _stretches(case, lo, hi):
        ended = b < hi and case.view.status[b] is Second.KNOWN
        if ended and b - a >= FEWEST_SECONDS and any(_telling(s, lo, a, b) for s in case.required):
            return a, b
    return None


def _stretches(case: Case, lo: int, hi: int) -> Iterator[tuple[int, int]]:
    began: int | None = None
    for i in range(lo, hi):
        if _served(case, i):
            began = i if began is None else began
        elif began is not None:
            yield began, i
            began = None


def _served(case: Case, i: int) -> bool:
    """Whether the second is known, and nothing in it was outside."""
    if case.view.status[i] is not Second.KNOWN:
        return False
    return all(s.averages_inside(i, i + 1) for s in case.required)


def _telling(series: Series, at: int, a: int, b: int) -> bool:
    window = series.windows[at]
    counted, outside, _ = series.sums(window.first, window.last + 1)
    return counted > 0 and outside / counted * series.sums(a, b)[0] >= TELLING
