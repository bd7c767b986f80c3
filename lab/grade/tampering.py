"""Signs that what was recorded is not what was: a clock set back, nobody watching, users sent elsewhere."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, floor

from lab.grade.case import Case
from lab.grade.load_view import Second
from lab.grade.outages import hold_length_s
from lab.grade.say import clock, duration
from lab.history.records import Reading

UNWATCHED_S = 10
"""The referee reads every witness each second, and writes down what it could not read as well."""

UNSEEN_S = 10
"""The balancer's rate is empty for its window of 5 s after a restart, and until it is back."""

BUSY_PER_S = 10
"""Under fewer answers a second the balancer's ratio may be empty by rule."""

BALANCER, LOAD_IN_PROMETHEUS = "lb_5xx_ratio", "prom_success_ratio"


def doubt(case: Case) -> str | None:
    """Why nothing can be told from the history: it was cut short, or its clock went back. None: no reason."""
    stopped = next(iter(case.phases.of("record_stopped")), None)
    if stopped is not None:
        why = stopped.detail.get("why") or "no reason given"
        return f"the run was stopped at {clock(stopped.t)}, for its record could not be written ({why})"
    if case.clock_back is None:
        return None
    t, by_s = case.clock_back
    return f"the clock went back by {duration(by_s)} at {clock(t)}: times in this run cannot be trusted"


def unwatched(case: Case) -> str | None:
    """Why a pass cannot be given: nobody watched in the hold or the replay. None: somebody did."""
    seen = {floor(r.t) - case.view.t0 for rows in case.readings.values() for r in rows}
    if not seen:
        return None
    for lo, hi in _judged(case):
        known = [i for i in range(lo, hi) if case.view.status[i] is Second.KNOWN]
        stretch = _longest([i for i in known if not seen & {i - 1, i, i + 1}])
        if len(stretch) >= UNWATCHED_S:
            since = clock(case.view.t0 + stretch[0])
            return f"nobody watched for {duration(len(stretch))} from {since}: the referee was gone"
    return None


def elsewhere(case: Case) -> str | None:
    """Why the load is said to have been sent elsewhere: it was served, and the balancer had nobody."""
    told = _seconds(case, case.readings.get(BALANCER, ()))
    asked = _seconds(case, case.readings.get(LOAD_IN_PROMETHEUS, ()))
    row = case.view.overall
    served = (
        i
        for i in range(case.lo, case.hi)
        if case.view.status[i] is Second.KNOWN and row.ok[i] >= BUSY_PER_S and row.ok[i] > row.bad[i]
    )
    stretch = _longest([i for i in served if i in asked and told and i not in told])
    if len(stretch) < UNSEEN_S:
        return None
    since = clock(case.view.t0 + stretch[0])
    return f"users were served for {duration(len(stretch))} from {since} without the balancer seeing any"


def _judged(case: Case) -> Iterator[tuple[int, int]]:
    """The hold, and the replay until it has settled."""
    yield max(case.lo, case.hi - hold_length_s(case.required)), case.hi
    started_t, ended_t = case.phases.replay_started_t, case.phases.replay_ended_t
    if started_t is not None and ended_t is not None:
        settled_t = ended_t + case.scenario.replay.settle_s
        yield case.view.index(started_t), case.view.index(ceil(settled_t))


def _seconds(case: Case, readings: Sequence[Reading]) -> set[int]:
    """The seconds in which a reading had a value, and those beside them."""
    known = {floor(r.t) - case.view.t0 for r in readings if r.value is not None}
    return {i + near for i in known for near in (-1, 0, 1)}


def _longest(seconds: Sequence[int]) -> Sequence[int]:
    """The longest run of seconds one after the other."""
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(seconds), 1) if b != a + 1), len(seconds)]
    return max((seconds[a:b] for a, b in pairwise(breaks)), key=len)
