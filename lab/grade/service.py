"""Judges what users see: success and latency, over the hold that ends the drill."""

from dataclasses import replace
from math import ceil, isinf

from lab.grade.case import Case
from lab.grade.load_view import Second
from lab.grade.model import Grade, Measure, Number, Verdict
from lab.grade.outages import outages, restored_t
from lab.grade.say import clock, duration, milliseconds, number, percent
from lab.grade.series import Series
from lab.grade.shape import grade_of
from lab.scenario import LatencyP95, Objective, SuccessRatio

SOURCE = "the load's log"


def judge_service(case: Case, objective: Objective, probe: SuccessRatio | LatencyP95) -> Grade:
    """Inside the bound over the whole hold before the replay (or the end): pass.

    Outside even if what is unknown had been perfect: fail. Else, with unknown seconds in it: unknown.
    """
    series = case.series[objective.id]
    length = ceil(objective.hold_s)
    lo, hi = max(case.lo, case.hi - length), case.hi
    verdict = _verdict(series, lo, hi, length)
    text = _because(case, series, probe, verdict, lo, hi)
    grade = grade_of(objective, verdict, text, evidence=_evidence(series, lo, hi))
    return replace(grade, measure=measure_of(probe))


def _verdict(series: Series, lo: int, hi: int, length: int) -> Verdict:
    if hi - lo < length:
        return Verdict.UNKNOWN if hi == lo and series.view.n == 0 else Verdict.FAIL
    if series.holds(lo, hi):
        return Verdict.PASS
    # What a stalled machine answered badly is nobody's fault: only the other seconds can fail.
    counted, outside, known = series.known_sums(lo, hi)
    if known == 0:
        return Verdict.UNKNOWN
    at_best = counted * (hi - lo) / known
    if outside > series.allowed_ratio * at_best or series.far_inside(lo, hi) or known == hi - lo:
        return Verdict.FAIL
    return Verdict.UNKNOWN


def measure_of(probe: SuccessRatio | LatencyP95) -> Measure:
    """What to draw for it."""
    if isinstance(probe, SuccessRatio):
        return Measure(
            kind="success",
            name=probe.route or "",
            bound=probe.at_least_ratio,
            unit="ratio",
            wanted="at least",
        )
    return Measure(kind="p95", name=probe.route or "", bound=probe.at_most_ms, unit="ms")


def what(probe: SuccessRatio | LatencyP95) -> str:
    """The thing measured, as a sentence begins with it."""
    whose = f"of {probe.route}" if probe.route else "of all requests"
    return f"success {whose}" if isinstance(probe, SuccessRatio) else f"p95 {whose}"


def measured(series: Series, lo: int, hi: int) -> str:
    """The value over [lo, hi) and the requests behind it."""
    counted, outside, _ = series.sums(lo, hi)
    value = series.value(lo, hi)
    if isinstance(series.objective.probe, SuccessRatio):
        shown = percent(value) if value is not None else "nothing"
        return f"{shown} ({number(outside)} bad of {number(counted)})"
    return f"{milliseconds(value)} ({number(counted)} requests)"


def bound(probe: SuccessRatio | LatencyP95) -> str:
    """The bound in words."""
    if isinstance(probe, SuccessRatio):
        return f"at least {percent(probe.at_least_ratio)}"
    return f"at most {probe.at_most_ms:g} ms"


def _because(
    case: Case, series: Series, probe: SuccessRatio | LatencyP95, verdict: Verdict, lo: int, hi: int
) -> str:
    when = f"until {clock(case.view.t0 + hi)}"
    head = (
        f"{what(probe)}: {measured(series, lo, hi)} over the last {hi - lo} s {when}, wanted {bound(probe)}"
    )
    tail = f" ({SOURCE})"
    if hi - lo < ceil(series.objective.hold_s) and verdict is Verdict.FAIL:
        return f"{head} for {series.objective.hold_s:g} s: the drill was over too soon{tail}"
    if verdict is Verdict.UNKNOWN:
        return f"{head}; {unknown_because(case, lo, hi)}{tail}"
    if verdict is Verdict.PASS:
        return f"{head}{_since(case, series)}{tail}"
    if series.averages_inside(lo, hi):
        return f"{head}; {far(series, lo, hi)}{tail}"
    return f"{head}{tail}"


def _since(case: Case, series: Series) -> str:
    spans = outages((series,), case.lo, case.hi)
    if not spans:
        return "; it was never outside"
    last = spans[-1]
    if last.end is None:
        return ""
    return f"; back since {clock(restored_t((series,), last.end, case.lo))}"


def far(series: Series, lo: int, hi: int) -> str:
    """The worst window far outside the bound in [lo, hi), in words."""
    windows = [w for w in series.windows[lo:hi] if w.state.value == "far outside" and w.first >= lo]
    worst = max(windows, key=lambda w: (series.sums(w.first, w.last + 1)[1], w.first))
    span = f"{clock(series.view.t0 + worst.first)}"
    return f"but far outside it at {span}: {measured(series, worst.first, worst.last + 1)}"


def unknown_because(case: Case, lo: int, hi: int) -> str:
    """Which seconds of [lo, hi) say nothing, and why."""
    if hi == lo:
        return "the load left no data"
    missing = [status for status in case.view.status[lo:hi] if status is not Second.KNOWN]
    why = sorted({status.value for status in missing})
    return f"{duration(len(missing))} of it are unknown: {', '.join(why)}"


def _evidence(series: Series, lo: int, hi: int) -> dict[str, Number]:
    counted, outside, unknown = series.sums(lo, hi)
    value = series.value(lo, hi)
    shown: Number = None if value is None else ("beyond" if isinf(value) else round(value, 5))
    return {
        "value": shown,
        "requests": round(counted),
        "outside": round(outside, 1),
        "unknown_s": unknown,
        "from_t": float(series.view.t0 + lo),
        "until_t": float(series.view.t0 + hi),
    }
