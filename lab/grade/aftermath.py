"""What users saw after something was done: relief, relapse, or nothing new."""

from lab.grade.case import Case
from lab.grade.outages import BAD_IN_A_ROW
from lab.grade.say import duration
from lab.grade.series import State

BLAME_S = 60
"""What goes wrong later than this after an act is not put down to it."""


def aftermath(case: Case, t: float) -> str:
    """One sentence about the users' view from *t* on."""
    start = case.view.index(t)
    end = case.view.n
    if not case.required or start >= end:
        return "Nothing was measured after it."
    if not any(s.windows[start].bad for s in case.required):
        hurt = _run(case, start, min(end, start + BLAME_S), bad=True)
        if hurt is None:
            return "Users were being served and stayed served."
        return f"Users were being served; {duration(_after(case, hurt, t))} later they were not."
    relief = _run(case, start, end, bad=False)
    if relief is None:
        return "Users were not served again before the end."
    relapse = _run(case, relief + BAD_IN_A_ROW, end, bad=True)
    if relapse is None:
        return f"Users were served again {duration(_after(case, relief, t))} later, and stayed so."
    lasted = duration(relapse - relief)
    return (
        f"Users were served again {duration(_after(case, relief, t))} later, for {lasted}; then it came back."
    )


def _run(case: Case, lo: int, hi: int, *, bad: bool) -> int | None:
    """Where three windows in a row are bad in some objective, or where three that are inside in all begin."""
    in_a_row = 0
    for i in range(lo, hi):
        windows = [s.windows[i] for s in case.required]
        hit = any(w.bad for w in windows) if bad else all(w.state is State.INSIDE for w in windows)
        in_a_row = in_a_row + 1 if hit else 0
        if in_a_row == BAD_IN_A_ROW:
            began = i - BAD_IN_A_ROW + 1
            return i if bad else max(lo, *(s.windows[began].first for s in case.required))
    return None


def _after(case: Case, index: int, t: float) -> float:
    return max(0.0, case.view.t0 + index - t)
