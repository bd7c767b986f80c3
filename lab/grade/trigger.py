"""Judges the replay: the scenario's trigger comes again, users stay served, levels come back into bounds."""

from math import ceil
from textwrap import shorten

from lab.grade.case import Case
from lab.grade.levels import max_gap_s, widest_gap
from lab.grade.model import Grade, Verdict
from lab.grade.outages import outages
from lab.grade.propped import propped_up
from lab.grade.say import clock, duration, number
from lab.grade.series import Series
from lab.grade.service import bound, judge_service, measured, unknown_because, what
from lab.grade.shape import grade_of
from lab.grade.traps import did
from lab.scenario import LatencyP95, LevelProbe, Objective, SuccessRatio, TriggerSurvived

SHOWN_CHARS = 80
SAMPLES_LAG_S = 5.0
"""The load's seconds close up to 4 s late; the last samples of a run may be this much older than its end."""


def judge_trigger(case: Case, objective: Objective, probe: TriggerSurvived) -> Grade:
    """Served all through the replay, and back in bounds within the settle time: pass."""
    started_t, ended_t = case.phases.replay_from_t, case.phases.replay_ended_t
    if started_t is None:
        return _never_replayed(case, objective)
    prop = propped_up(case)
    if prop is not None:
        act = shorten(did(prop), SHOWN_CHARS, placeholder="…")
        text = f'after "I am done", at {clock(prop.t)}, by hand: {act}: what stays well does so by itself'
        return grade_of(objective, Verdict.FAIL, text, evidence={"propped_up_t": prop.t})
    if ended_t is None:
        return grade_of(objective, Verdict.UNKNOWN, f"the replay began at {clock(started_t)} and was cut off")
    said = [_served(case, case.series[o], started_t, ended_t) for o in probe.served]
    said += [_recovered(case, case.scenario.objective(o), ended_t) for o in probe.recovered]
    order = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS)
    verdict = min((v for v, _ in said), key=order.index, default=Verdict.PASS)
    reasons = "; ".join(text for v, text in said if v is verdict)
    head = f"replayed {clock(started_t)} to {clock(ended_t)}"
    return grade_of(
        objective,
        verdict,
        f"{head}: {reasons}",
        evidence={"replay_started_t": started_t, "replay_ended_t": ended_t},
    )


def _never_replayed(case: Case, objective: Objective) -> Grade:
    """A service that did not hold, or a limit that was reached, is the trainee's; the rest is nobody's."""
    services = [o for o in case.scenario.objectives if o.id in case.series and o.required]
    verdicts = [_service_verdict(case, o) for o in services]
    if Verdict.FAIL in verdicts:
        text = "the trigger was never replayed, because service did not hold"
        return grade_of(objective, Verdict.FAIL, text)
    if case.phases.limit_reached_t is not None and Verdict.UNKNOWN not in verdicts:
        text = (
            f"the limit was reached at {clock(case.phases.limit_reached_t)} before the trigger was replayed"
        )
        return grade_of(objective, Verdict.FAIL, text)
    return grade_of(objective, Verdict.UNKNOWN, "the drill ended before the trigger was replayed")


def _service_verdict(case: Case, objective: Objective) -> Verdict:
    probe = objective.probe
    if not isinstance(probe, SuccessRatio | LatencyP95):
        return Verdict.PASS
    return judge_service(case, objective, probe).verdict


def _served(case: Case, series: Series, started_t: float, ended_t: float) -> tuple[Verdict, str]:
    probe = series.objective.probe
    if not isinstance(probe, SuccessRatio | LatencyP95):
        raise TypeError(f"objective {series.objective.id}: not a service objective")
    lo, hi = case.view.index(started_t), case.view.index(ceil(ended_t))
    seen = f"{what(probe)} {measured(series, lo, hi)}, wanted {bound(probe)}"
    if hi == lo:
        return Verdict.UNKNOWN, f"{what(probe)}: the load left no data"
    settled = case.view.index(ended_t + case.scenario.replay.settle_s)  # what is later is our own measuring
    again = outages((series,), lo, max(hi, settled))
    if not series.averages_inside(lo, hi) and series.unknown[hi] == series.unknown[lo]:
        return Verdict.FAIL, seen
    if again:
        return Verdict.FAIL, f"{seen}, and it failed again at {clock(again[0].start_t)}"
    if series.undecided(lo, hi):
        return Verdict.UNKNOWN, f"{seen}; {unknown_because(case, lo, hi)}"
    return Verdict.PASS, seen


def _recovered(case: Case, objective: Objective, ended_t: float) -> tuple[Verdict, str]:
    probe = objective.probe
    if not isinstance(probe, LevelProbe):
        raise TypeError(f"objective {objective.id}: not a level")
    limit_s = max_gap_s(probe)
    settled_t = ended_t + case.scenario.replay.settle_s
    wanted = f"wanted {probe.words} {number(probe.bound)} within {case.scenario.replay.settle_s:g} s"
    after = [r for r in case.readings.get(probe.name, ()) if r.t >= ended_t]
    values = [(r.t, r.value) for r in after if r.value is not None]
    if not values:
        return Verdict.UNKNOWN, f"{probe.name} was not read after the replay"
    over = [(t, value) for t, value in values if probe.outside(value)]
    # One that ends outside has not come back, even if nothing was read at the very end of the time.
    if over and (over[-1][0] > settled_t or (over[-1] == values[-1] and over[-1][0] > settled_t - limit_s)):
        t, value = over[-1]
        return Verdict.FAIL, f"{probe.name} {number(value)} at {clock(t)}, {wanted} ({probe.source})"
    from_t = over[-1][0] if over else ended_t
    if after[-1].t < settled_t - max(SAMPLES_LAG_S, limit_s) and over:
        return Verdict.UNKNOWN, f"{probe.name} was not read until {clock(settled_t)}"
    gap_s, gap_t = widest_gap(after, max(from_t, values[0][0]), after[-1].t)
    if gap_s > limit_s or values[0][0] - ended_t > limit_s:
        gap = max(gap_s, values[0][0] - ended_t)
        return (
            Verdict.UNKNOWN,
            f"{probe.name}: no reading for {duration(gap)} from {clock(gap_t)} ({probe.source})",
        )
    took = f"in bounds {duration(from_t - ended_t)} after it" if over else "never out of bounds"
    return Verdict.PASS, f"{probe.name} {took}, {number(values[-1][1])} at the end, {wanted} ({probe.source})"
