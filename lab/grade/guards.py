"""Judges levels that are no matter of a hold: how they stand at the end, guard rails, and damage.

At the end: the last value counts, and it must be one of the end. Throughout: from the page on, when the drill
is the trainee's, no value is out of bounds; a second in which the machine stalled says nothing against them.
Never: no value after the baseline is out of bounds, whoever or whatever did it.

Nothing that was not seen is held against anybody, nor for them: a gap is unknown, unless a counter that went
on counting spans it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lab.grade.case import Case
from lab.grade.growth import growth
from lab.grade.levels import max_gap_s, measure_of, watcher_restarted
from lab.grade.load_view import OURS
from lab.grade.model import Grade, Number, Verdict
from lab.grade.say import clock, duration, number
from lab.grade.shape import grade_of
from lab.history.records import Reading
from lab.readings import PROMETHEUS
from lab.scenario import LevelProbe, Mode, Objective


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a mode looks at: *values* within [from_t, until_t], and the longest time without one."""

    from_t: float
    until_t: float
    values: tuple[tuple[float, float], ...]
    blind_s: float
    blind_t: float


def judge_guard(case: Case, objective: Objective, probe: LevelProbe) -> Grade:
    """Out of bounds in the time that counts: fail. Not seen for a part of it: unknown."""
    seen = _watched(case, probe)
    if seen is None:
        text = f"{probe.name} was not read {_when(case, probe)} ({probe.source})"
        return grade_of(objective, Verdict.UNKNOWN, text)
    wrong = [(t, v) for t, v in _counting(probe, seen) if probe.outside(v) and not _excused(case, probe, t)]
    verdict, why = _verdict(case, probe, seen, wrong)
    t, value = wrong[0] if verdict is Verdict.FAIL else seen.values[-1]
    grown = f" more since {clock(seen.from_t)}" if probe.counter else ""
    text = (
        f"{probe.name}: {number(value)} {probe.unit}{grown} at {clock(t)}, "
        f"wanted {probe.words} {number(probe.bound)} {_when(case, probe)}{why} ({probe.source})"
    )
    evidence: dict[str, Number] = {
        "value": value,
        "from_t": seen.from_t,
        "until_t": seen.until_t,
        "outside": len(wrong),
        "widest_gap_s": round(seen.blind_s, 2),
    }
    # What is drawn is the reading as it is; of a counter its growth was judged.
    measure = None if probe.counter else measure_of(probe)
    return replace(grade_of(objective, verdict, text, evidence=evidence), measure=measure)


def _verdict(
    case: Case, probe: LevelProbe, seen: Watched, wrong: Sequence[tuple[float, float]]
) -> tuple[Verdict, str]:
    """The verdict, and what is to be said of one that is neither in nor out of bounds."""
    blind = seen.blind_s > max_gap_s(probe)
    unseen = f"; no reading for {duration(seen.blind_s)} from {clock(seen.blind_t)}"
    if probe.mode is Mode.AT_END and blind:
        return Verdict.UNKNOWN, unseen
    if wrong:
        return Verdict.FAIL, ""
    if blind:
        return Verdict.UNKNOWN, unseen
    blinded_t = watcher_restarted(case, seen.from_t) if probe.source == PROMETHEUS else None
    if blinded_t is not None:
        return Verdict.UNKNOWN, f"; the watcher was restarted at {clock(blinded_t)}"
    return Verdict.PASS, ""


def since_t(case: Case, mode: Mode) -> float:
    """From when on a mode looks; a guard rail from the page, before which nobody was asked for anything."""
    phases = case.phases
    baseline_t = phases.baseline_ended_t or float(case.view.t0)
    if mode is not Mode.THROUGHOUT:
        return baseline_t
    known = (t for t in (phases.page_t, case.impact_t, phases.injected_t) if t is not None)
    return next(known, baseline_t)


def _watched(case: Case, probe: LevelProbe) -> Watched | None:
    raw = case.readings.get(probe.name, ())
    from_t = since_t(case, probe.mode)
    readings = growth(raw, from_t) if probe.counter else tuple(r for r in raw if r.t >= from_t)
    values = tuple((r.t, r.value) for r in readings if r.value is not None)
    if not values:
        return None
    until_t = max(readings[-1].t, case.end_t - 1)
    blind_s, blind_t = max(_unseen(case, probe, raw, from_t, until_t))
    return Watched(from_t=from_t, until_t=until_t, values=values, blind_s=blind_s, blind_t=blind_t)


def _unseen(
    case: Case, probe: LevelProbe, raw: Sequence[Reading], from_t: float, until_t: float
) -> list[tuple[float, float]]:
    """Stretches of which nothing is known, without the machine's own stalls: how long each was, and since
    when.
    """
    known = [(r.t, r.value) for r in raw if r.value is not None and r.t <= until_t]
    within = [(t, value) for t, value in known if t >= from_t]
    last_t = within[-1][0]
    tail = [(last_t, until_t)]
    if probe.mode is Mode.AT_END:
        stretches = tail
    elif probe.counter:
        # It counted on while nobody looked, unless it began anew; before the first value nobody knows.
        restarted = [(t, later_t) for (t, v), (later_t, w) in pairwise(known) if w < v and later_t >= from_t]
        head = [(from_t, within[0][0])] if known[0][0] > from_t else []
        stretches = [*head, *restarted, *tail]
    else:
        times = [from_t, *(t for t, _ in within)]
        stretches = [*pairwise(times), *tail]
    return [(end - start - _stalled_s(case, start, end), start) for start, end in stretches]


def _stalled_s(case: Case, lo_t: float, hi_t: float) -> int:
    view = case.view
    return sum(status in OURS for status in view.status[view.index(lo_t) : view.index(hi_t)])


def _counting(probe: LevelProbe, seen: Watched) -> Sequence[tuple[float, float]]:
    return seen.values[-1:] if probe.mode is Mode.AT_END else seen.values


def _excused(case: Case, probe: LevelProbe, t: float) -> bool:
    """Whether the machine stalled just then, and the mode makes allowance for it: damage is damage."""
    i = case.view.index(t)
    stalled = i < case.view.n and case.view.status[i] in OURS
    return stalled and probe.mode is Mode.THROUGHOUT


def _when(case: Case, probe: LevelProbe) -> str:
    match probe.mode:
        case Mode.AT_END:
            return "at the end"
        case Mode.THROUGHOUT:
            return f"throughout, from {clock(since_t(case, probe.mode))} on"
        case _:
            return "at any time after the baseline"
