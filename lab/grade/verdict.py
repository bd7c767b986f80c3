"""What all grades together say."""

from collections.abc import Sequence

from lab.grade.case import Case
from lab.grade.facts import lost_for_good
from lab.grade.load_view import OURS, Second
from lab.grade.model import Grade, Verdict
from lab.grade.tampering import doubt, unwatched
from lab.scenario import LedgerIntact, LevelProbe, LoadUntouched, Mode, Unchanged


def verdict_of(case: Case, grades: Sequence[Grade]) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict and its reasons: the required grades that decide it.

    Fail beats unknown beats pass, save that our own trouble is never a fail: no healthy baseline, a load
    that was interfered with, a clock that went back, or a machine that slept or stalled inside what was
    judged make the verdict unknown. Lost data are a fail all the same, and so is a service far outside its
    bound even if every second that stalled had been perfect. What nobody watched is no pass.
    """
    required = [g for g in grades if g.required]
    if case.phases.baseline_ok is False:
        why = case.phases.baseline_because or "no reason given"
        return Verdict.UNKNOWN, (f"void: the shop was not healthy before anything was done to it ({why})",)
    failed = case.phases.of("inject_failed")
    if failed:  # what the lab could not do it has taken back, too: whatever healed by that is nobody's merit
        why = failed[0].detail.get("because") or "no reason given"
        return Verdict.UNKNOWN, (f"void: what was to go wrong did not ({why})",)
    definite = [g for g in required if g.verdict is Verdict.FAIL and _definite(_probe(case, g), g)]
    if definite:
        return Verdict.FAIL, _reasons(definite)
    doubted = doubt(case)
    if doubted is not None:
        return Verdict.UNKNOWN, (f"void: {doubted}",)
    for verdict, deciding in (
        (Verdict.UNKNOWN, [g for g in required if _interfered(case, g)]),
        (Verdict.FAIL, [g for g in required if _beyond_doubt(case, g)]),
        (Verdict.UNKNOWN, [g for g in required if _ours(case, g)]),
        (Verdict.FAIL, [g for g in required if g.verdict is Verdict.FAIL]),
        (Verdict.UNKNOWN, [g for g in required if g.verdict is Verdict.UNKNOWN]),
    ):
        if deciding:
            return verdict, _reasons(deciding)
    alone = unwatched(case)
    if alone is not None:
        return Verdict.UNKNOWN, (alone,)
    return Verdict.PASS, ("every required objective passes",)


def _interfered(case: Case, grade: Grade) -> bool:
    """Whether it cannot be told what users would have seen."""
    return grade.verdict is Verdict.UNKNOWN and isinstance(_probe(case, grade), LoadUntouched)


def _beyond_doubt(case: Case, grade: Grade) -> bool:
    """Whether users were served so badly, with the machine awake, that no stall can be why."""
    series = case.series.get(grade.objective)
    if series is None or grade.verdict is not Verdict.FAIL:
        return False
    lo, hi = _hold(case, grade)
    awake = Second.ASLEEP not in case.view.status[lo:hi]
    return awake and lo < hi and series.far_at_best(lo, hi, series.far_ratio)


def _ours(case: Case, grade: Grade) -> bool:
    """Whether a grade is unknown for a reason that spoils everything else."""
    if grade.verdict is not Verdict.UNKNOWN or grade.objective not in case.series:
        return False
    lo, hi = _hold(case, grade)
    return any(status in OURS for status in case.view.status[lo:hi])


def _hold(case: Case, grade: Grade) -> tuple[int, int]:
    length = round(case.scenario.objective(grade.objective).hold_s)
    return max(case.lo, case.hi - length), case.hi


def _definite(probe: object, failed: Grade) -> bool:
    """Whether it holds whatever the load or the machine did: lost data are lost, and so is what may never be.

    Orders that only wait to be found are not: the worker needed time on a machine that was awake.
    """
    if isinstance(probe, LevelProbe):
        return probe.mode is Mode.NEVER
    if isinstance(probe, LedgerIntact):
        return lost_for_good(failed.evidence)
    return isinstance(probe, Unchanged)


def _probe(case: Case, grade: Grade) -> object:
    return case.scenario.objective(grade.objective).probe


def _reasons(grades: Sequence[Grade]) -> tuple[str, ...]:
    return tuple(f"{g.objective}: {g.because}" for g in grades)
