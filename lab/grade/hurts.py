"""Every stretch in which users were hurt, however short the relief between two of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.grade.case import Case
from lab.grade.outages import BAD_IN_A_ROW
from lab.grade.series import State


@dataclass(frozen=True, kw_only=True)
class Hurt:
    """From the first bad second to the first of the windows that are inside again (or to the end)."""

    start_t: float
    end_t: float

    @property
    def lasted_s(self) -> float:
        """How long."""
        return self.end_t - self.start_t


def hurts(case: Case) -> Iterator[Hurt]:
    """The stretches before the replay, oldest first.

    An outage bears relief that is shorter than a hold; here three windows inside in a row end a stretch, so
    that a second blow within one outage can be told from the first.
    """
    began: int | None = None
    bad, well = 0, 0
    for i in range(case.lo, case.hi):
        windows = [series.windows[i] for series in case.required]
        bad = bad + 1 if any(window.bad for window in windows) else 0
        well = well + 1 if windows and all(window.state is State.INSIDE for window in windows) else 0
        if began is None and bad == BAD_IN_A_ROW:
            began = _onset(case, i - BAD_IN_A_ROW + 1)
        elif began is not None and well == BAD_IN_A_ROW:
            ended = max(w.first for s in case.required for w in [s.windows[i - BAD_IN_A_ROW + 1]])
            yield _hurt(case, began, max(ended, began + 1))
            began = None
    if began is not None:
        yield _hurt(case, began, case.hi)


def _onset(case: Case, i: int) -> int:
    """The first second that went badly in the bad windows that end with second *i*."""
    for second in range(min(s.windows[i].first for s in case.required if s.windows[i].bad), i + 1):
        for series in case.required:
            counted, outside, _ = series.sums(second, second + 1)
            if outside > series.allowed_ratio * counted:
                return max(second, case.lo)
    return i


def _hurt(case: Case, lo: int, hi: int) -> Hurt:
    return Hurt(start_t=float(case.view.t0 + lo), end_t=float(case.view.t0 + hi))
