"""Judges guard rails on what users see: what worked when the drill began goes on working.

From the page to the end of the replay. A second in which the machine stalled says nothing against it.
"""

from dataclasses import replace
from math import ceil

from lab.grade.case import Case
from lab.grade.guards import since_t
from lab.grade.load_view import OURS
from lab.grade.model import Grade, Verdict
from lab.grade.say import clock
from lab.grade.series import MIN_OUTSIDE, Series, series_of
from lab.grade.service import SOURCE, bound, far, measure_of, measured, unknown_because, what
from lab.grade.shape import grade_of
from lab.scenario import Objective, SuccessRatio

UNSEEN_SECONDS_ALLOWED = 2
"""A second or two that the load could not keep up with hide nothing."""


def judge_rail(case: Case, objective: Objective, probe: SuccessRatio) -> Grade:
    """A window far outside the bound, or all of it outside: fail. Not seen for a part of it: unknown."""
    series = series_of(objective, case.view)
    from_t = since_t(case, probe.mode)
    lo, hi = case.view.index(from_t), _until(case)
    verdict, why = _verdict(case, series, lo, hi)
    text = (
        f"{what(probe)}: {measured(series, lo, hi)} from {clock(from_t)} to {clock(case.view.t0 + hi)}, "
        f"wanted {bound(probe)} throughout{why} ({SOURCE})"
    )
    evidence = {"from_t": from_t, "until_t": float(case.view.t0 + hi)}
    return replace(grade_of(objective, verdict, text, evidence=evidence), measure=measure_of(probe))


def _verdict(case: Case, series: Series, lo: int, hi: int) -> tuple[Verdict, str]:
    counted, outside, _ = series.known_sums(lo, hi)
    if series.far_inside(lo, hi):
        return Verdict.FAIL, f"; {far(series, lo, hi)}"
    if counted <= 0:
        return Verdict.UNKNOWN, "; nothing is known of that time"
    if outside >= MIN_OUTSIDE and outside > series.allowed_ratio * counted:
        return Verdict.FAIL, ""
    unseen = [i for i in range(lo, hi) if series.unseen[i + 1] > series.unseen[i]]
    if sum(case.view.status[i] not in OURS for i in unseen) > UNSEEN_SECONDS_ALLOWED:
        return Verdict.UNKNOWN, f"; {unknown_because(case, lo, hi)}"
    return Verdict.PASS, ""


def _until(case: Case) -> int:
    """The end of what counts: the replay has settled, or there was none."""
    phases = case.phases
    if phases.replay_started_t is None:
        return case.hi
    if phases.replay_ended_t is None:
        return case.view.n
    return case.view.index(ceil(phases.replay_ended_t + case.scenario.replay.settle_s))
