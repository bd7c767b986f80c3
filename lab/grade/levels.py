"""Judges readings that must be on the right side of a level and stay there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab.grade.case import Case
from lab.grade.model import Grade, Measure, Number, Verdict
from lab.grade.say import clock, duration, number
from lab.grade.shape import grade_of
from lab.history.records import Reading
from lab.readings import PROMETHEUS
from lab.scenario import LevelProbe, Objective

MAX_GAP_PACES = 2.5
"""A reading that is later than this, in times of its own pace, is missed."""


@dataclass(frozen=True, kw_only=True)
class Stay:
    """How a level stood at the end: in bounds since *since_t*, and the widest gap in what was looked
    at.
    """

    verdict: Verdict
    since_t: float
    until_t: float
    worst: float | None
    last: float | None
    gap_s: float
    gap_t: float


def judge_level(case: Case, objective: Objective, probe: LevelProbe) -> Grade:
    """In bounds for the whole hold at the end of the samples: pass.

    Outside while the replay settles is the replay's matter. A gap in the hold, or a watcher that was
    restarted since users felt it, is unknown.
    """
    measure = measure_of(probe)
    stay = stay_of(case, probe, objective.hold_s)
    if stay is None:
        text = f"{probe.name} was never read ({probe.source})"
        return replace(grade_of(objective, Verdict.UNKNOWN, text), measure=measure)
    blinded_t = watcher_restarted(case, felt_t(case))
    if blinded_t is not None and probe.source == PROMETHEUS and stay.verdict is Verdict.PASS:
        text = f"the watcher was restarted at {clock(blinded_t)}: what it would have shown is unknown"
        return replace(grade_of(objective, Verdict.UNKNOWN, f"{text} ({probe.source})"), measure=measure)
    evidence: dict[str, Number] = {
        "value": stay.last,
        "since_t": stay.since_t,
        "until_t": stay.until_t,
        "widest_gap_s": round(stay.gap_s, 2),
    }
    text = f"{_because(probe, stay, objective.hold_s)} ({probe.source})"
    return replace(grade_of(objective, stay.verdict, text, evidence=evidence), measure=measure)


def measure_of(probe: LevelProbe) -> Measure:
    """What to draw for it."""
    return Measure(kind="level", name=probe.name, bound=probe.bound, unit=probe.unit, wanted=probe.words)


def max_gap_s(probe: LevelProbe) -> float:
    """For how long a reading may be away before it is missed."""
    return MAX_GAP_PACES * probe.every_s


def _because(probe: LevelProbe, stay: Stay, hold_s: float) -> str:
    value = "no value" if stay.last is None else f"{number(stay.last)} {probe.unit}"
    seen = f"{probe.name}: {value} at {clock(stay.until_t)}"
    wanted = f"wanted {probe.words} {number(probe.bound)} for {hold_s:g} s"
    match stay.verdict:
        case Verdict.UNKNOWN:
            return f"{seen}, {wanted}; no reading for {duration(stay.gap_s)} from {clock(stay.gap_t)}"
        case Verdict.PASS:
            return f"{seen}, inside since {clock(stay.since_t)}, {wanted}"
        case Verdict.FAIL:
            held_s = stay.until_t - stay.since_t
            only = f", inside for the last {duration(held_s)} only" if held_s > max_gap_s(probe) else ""
            worst = f"last outside with {number(stay.worst or 0)} at {clock(stay.since_t)}"
            return f"{seen}{only}, {worst}, {wanted}"


def stay_of(case: Case, probe: LevelProbe, hold_s: float) -> Stay | None:
    """How long the level has stayed in bounds at the end; None where it was never read."""
    readings = case.readings.get(probe.name, ())
    if not readings:
        return None
    until_t = max(readings[-1].t, case.end_t - 1)
    since_t, worst = readings[0].t, None
    for reading in readings:
        if reading.value is not None and probe.outside(reading.value) and not _settling(case, reading.t):
            since_t, worst = reading.t, reading.value
    lo_t = max(since_t, until_t - hold_s)
    gap_s, gap_t = widest_gap(readings, lo_t, until_t)
    limit_s = max_gap_s(probe)
    if until_t - since_t < hold_s - limit_s / 2:
        verdict = Verdict.FAIL if worst is not None else Verdict.UNKNOWN
    else:
        # A hold without a single value shows nothing, however slow the pace.
        seen = any(r.value is not None and r.t >= lo_t for r in readings)
        verdict = Verdict.PASS if seen and gap_s <= limit_s else Verdict.UNKNOWN
    last = next((r.value for r in reversed(readings) if r.value is not None), None)
    return Stay(
        last=last, verdict=verdict, since_t=since_t, until_t=until_t, worst=worst, gap_s=gap_s, gap_t=gap_t
    )


def widest_gap(readings: Sequence[Reading], lo_t: float, hi_t: float) -> tuple[float, float]:
    """The longest time within [lo_t, hi_t] without a value, and when it began."""
    times = [lo_t, *(r.t for r in readings if r.value is not None and lo_t < r.t < hi_t)]
    ends = [*times[1:], hi_t]
    return max((end - start, start) for start, end in zip(times, ends, strict=True))


def _settling(case: Case, t: float) -> bool:
    started, ended = case.phases.replay_started_t, case.phases.replay_ended_t
    if started is None:
        return False
    return started <= t <= (ended if ended is not None else started) + case.scenario.replay.settle_s


def felt_t(case: Case) -> float:
    """When the outage began, as far as that is known."""
    return case.impact_t or case.phases.injected_t or case.phases.baseline_ended_t or 0.0


def watcher_restarted(case: Case, from_t: float) -> float | None:
    """When the watcher was restarted at *from_t* or later."""
    return next((e.t for e in case.phases.of("watcher_restarted") if e.t >= from_t), None)
