"""Judges readings that must be under a level and stay there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab.grade.case import Case
from lab.grade.model import Grade, Measure, Number, Verdict
from lab.grade.say import clock, duration, number
from lab.grade.shape import grade_of
from lab.history.records import Reading
from lab.scenario import LevelBelow, Objective

MAX_READING_GAP_S = 2.5
SOURCE = "Prometheus"


@dataclass(frozen=True, kw_only=True)
class Stay:
    """How a level stood at the end: under its bound since *since_t*, and the widest gap in what was looked
    at.
    """

    verdict: Verdict
    since_t: float
    until_t: float
    worst: float | None
    last: float | None
    gap_s: float
    gap_t: float


def judge_level(case: Case, objective: Objective, probe: LevelBelow) -> Grade:
    """Under the level for the whole hold at the end of the samples: pass.

    Above it while the replay settles is the replay's matter. A gap in the hold, or a watcher that was
    restarted since users felt it, is unknown.
    """
    measure = Measure(kind="level", name=probe.reading, bound=probe.at_most, unit=probe.unit)
    stay = stay_of(case, probe, objective.hold_s)
    if stay is None:
        text = f"{probe.reading} was never read ({SOURCE})"
        return replace(grade_of(objective, Verdict.UNKNOWN, text), measure=measure)
    blinded_t = _watcher_restarted(case)
    if blinded_t is not None and stay.verdict is Verdict.PASS:
        text = f"the watcher was restarted at {clock(blinded_t)}: what it would have shown is unknown"
        return replace(grade_of(objective, Verdict.UNKNOWN, f"{text} ({SOURCE})"), measure=measure)
    evidence: dict[str, Number] = {
        "value": stay.last,
        "since_t": stay.since_t,
        "until_t": stay.until_t,
        "widest_gap_s": round(stay.gap_s, 2),
    }
    text = f"{_because(probe, stay, objective.hold_s)} ({SOURCE})"
    return replace(grade_of(objective, stay.verdict, text, evidence=evidence), measure=measure)


def _because(probe: LevelBelow, stay: Stay, hold_s: float) -> str:
    value = "no value" if stay.last is None else f"{number(stay.last)} {probe.unit}"
    seen = f"{probe.reading}: {value} at {clock(stay.until_t)}"
    wanted = f"wanted at most {number(probe.at_most)} for {hold_s:g} s"
    match stay.verdict:
        case Verdict.UNKNOWN:
            return f"{seen}, {wanted}; no reading for {duration(stay.gap_s)} from {clock(stay.gap_t)}"
        case Verdict.PASS:
            return f"{seen}, inside since {clock(stay.since_t)}, {wanted}"
        case Verdict.FAIL:
            held_s = stay.until_t - stay.since_t
            only = f", inside for the last {duration(held_s)} only" if held_s > MAX_READING_GAP_S else ""
            worst = f"last outside with {number(stay.worst or 0)} at {clock(stay.since_t)}"
            return f"{seen}{only}, {worst}, {wanted}"


def stay_of(case: Case, probe: LevelBelow, hold_s: float) -> Stay | None:
    """How long the level has stayed under its bound at the end; None where it was never read."""
    readings = case.readings.get(probe.reading, ())
    if not readings:
        return None
    until_t = max(readings[-1].t, case.end_t - 1)
    since_t, worst = readings[0].t, None
    for reading in readings:
        if reading.value is not None and reading.value > probe.at_most and not _settling(case, reading.t):
            since_t, worst = reading.t, reading.value
    lo_t = max(since_t, until_t - hold_s)
    gap_s, gap_t = widest_gap(readings, lo_t, until_t)
    if until_t - since_t < hold_s - MAX_READING_GAP_S / 2:
        verdict = Verdict.FAIL if worst is not None else Verdict.UNKNOWN
    else:
        verdict = Verdict.UNKNOWN if gap_s > MAX_READING_GAP_S else Verdict.PASS
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


def _watcher_restarted(case: Case) -> float | None:
    """When the watcher was restarted in or after the outage."""
    from_t = case.impact_t or case.phases.injected_t or case.phases.baseline_ended_t or 0.0
    return next((e.t for e in case.phases.of("watcher_restarted") if e.t >= from_t), None)
