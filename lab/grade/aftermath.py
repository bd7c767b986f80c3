"""What users saw after something was done: relief, relapse, or nothing new."""

from lab.grade.case import Case
from lab.grade.outages import BAD_IN_A_ROW
from lab.grade.relief import brief_relief
from lab.grade.say import duration
from lab.grade.series import State
from lab.recogniser import CameOfIt

BLAME_S = 60
"""What goes wrong later than this after an act is not put down to it."""


def aftermath(case: Case, t: float) -> tuple[CameOfIt, str]:
    """The users' view from *t* on, in a word and in one sentence."""
    start = case.view.index(t)
    end = case.view.n
    if not case.required or start >= end:
        return CameOfIt.UNMEASURED, "Nothing was measured after it."
    if not any(s.windows[start].bad for s in case.required):
        hurt = _run(case, start, min(end, start + BLAME_S), bad=True)
        if hurt is None:
            return CameOfIt.STAYED_SERVED, "Users were being served and stayed served."
        later = duration(_after(case, hurt, t))
        return CameOfIt.HURT, f"Users were being served; {later} later they were not."
    found = _relief(case, start, end)
    if found is None:
        return CameOfIt.NEVER_SERVED, "Users were not served again before the end."
    relief, relapse = found
    served = f"Users were served again {duration(_after(case, relief, t))} later"
    if relapse is None:
        return CameOfIt.SERVED, f"{served}, and stayed so."
    lasted = duration(relapse - relief)
    return CameOfIt.RELAPSED, f"{served}, for {lasted}; then it came back."


def _relief(case: Case, lo: int, hi: int) -> tuple[int, int | None] | None:
    """When it began, and when it was over (None: never was); None where there was none."""
    relief = _run(case, lo, hi, bad=False)
    if relief is None:
        return brief_relief(case, lo, hi)
    return relief, _run(case, relief + BAD_IN_A_ROW, hi, bad=True)


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
