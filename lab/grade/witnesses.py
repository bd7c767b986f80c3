"""Sets the witnesses against each other: the load's log decides, the others are heard beside it.

The balancer can count only the answers that it gave; so it is asked about 5xx alone. Where they disagree the
report says so, and the verdict stays: which of them is wrong cannot be told from here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.grade.budget import allowed_ratio
from lab.grade.case import Case
from lab.grade.findings import Flag
from lab.grade.load_view import Second
from lab.grade.outages import hold_length_s
from lab.grade.say import clock, duration
from lab.grade.testimony import PIPELINE_S, RATE_WINDOW_S, Told, by_log, by_readings
from lab.history.records import BAD_RESULTS, History, LoadSecond

MOST_APART_S = 3.0
STALL_NEAR_S = 6.0
"""Where the machine stalled this near, witnesses are late by as much as it stood still."""

CLEAR_FACTOR = 2.0
"""What is barely outside for one witness may be barely inside for another."""

FEWEST_HEARD = 3


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A recorded ratio that tells of users' trouble, and the kinds of trouble that it can know of."""

    id: str
    name: str
    reading: str
    good: bool
    kinds: frozenset[str]


WITNESSES = (
    Witness(
        id="prometheus",
        name="Prometheus (success ratio)",
        reading="prom_success_ratio",
        good=True,
        kinds=frozenset(BAD_RESULTS),
    ),
    Witness(
        id="balancer",
        name="the balancer (5xx ratio)",
        reading="lb_5xx_ratio",
        good=False,
        kinds=frozenset({"http_5xx"}),
    ),
)


def disagreements(case: Case, history: History) -> tuple[Flag, ...]:
    """A flag for each thing that a witness tells otherwise than the load's log, by more than 3 s."""
    lo_t, hi_t = case.view.t0 + case.lo, case.view.t0 + case.hi
    seconds = [r for r in history if isinstance(r, LoadSecond) and lo_t <= r.t < hi_t]
    hold_s, allowed = float(hold_length_s(case.required)), allowed_ratio(case.scenario)
    flags: list[Flag] = []
    for witness in WITNESSES:
        heard = [r for r in case.readings.get(witness.reading, ()) if lo_t + RATE_WINDOW_S <= r.t <= hi_t]
        log = by_log(seconds, witness.kinds, allowed_ratio=allowed, hold_s=hold_s)
        told = by_readings(heard, good=witness.good, allowed_ratio=allowed, hold_s=hold_s)
        if heard:
            values = [r.t for r in heard if r.value is not None]
            flags += _compared(case, witness, log, told, values, allowed * CLEAR_FACTOR)
    return tuple(flags)


def _compared(
    case: Case,
    witness: Witness,
    log: Sequence[Told],
    told: Sequence[Told],
    values: Sequence[float],
    clear: float,
) -> Iterator[Flag]:
    if log and told:
        yield from _times(case, witness, log, told, values[-1])
    elif log and max(span.depth for span in log) > clear and _steady(case, log[0].start_t):
        start_t, end_t = log[0].start_t, log[0].end_t or case.end_t
        if sum(start_t <= t <= end_t + RATE_WINDOW_S for t in values) >= FEWEST_HEARD:
            text = f"by the load's log users were hurt from {clock(start_t)}; {witness.name} saw no trouble"
            yield Flag(id=f"{witness.id}-saw-nothing", text=text)
        else:
            text = f"{witness.name} said nothing while users were hurt, from {clock(start_t)}"
            yield Flag(id=f"{witness.id}-silent", text=f"{text}: times rest on the load's log alone")
    elif told and max(span.depth for span in told) > clear and _steady(case, told[0].start_t):
        text = f"{witness.name} saw trouble from {clock(told[0].start_t)}; the load's log has none"
        yield Flag(id=f"{witness.id}-saw-more", text=text)


def _times(
    case: Case, witness: Witness, log: Sequence[Told], told: Sequence[Told], heard_t: float
) -> Iterator[Flag]:
    hurt = (log[0].start_t, told[0].start_t)
    if _apart(case, *hurt) and _apart(case, log[0].over_t, told[0].over_t):
        yield _flag(witness, "impact", "users were hurt from", *hurt)
    served = (log[-1].end_t, told[-1].end_t)
    until_t = case.view.t0 + case.hi - RATE_WINDOW_S - PIPELINE_S - MOST_APART_S
    if served[0] is None or served[0] > until_t:  # an end that the others had no time to see
        return
    if served[1] is None:
        if heard_t < served[0] + RATE_WINDOW_S:
            text = f"{witness.name} said nothing any more when users were served again, at {clock(served[0])}"
            yield Flag(id=f"{witness.id}-silent", text=f"{text}: that time rests on the load's log alone")
            return
        text = f"by the load's log users were served again at {clock(served[0])}; {witness.name} saw no end"
        yield Flag(id=f"{witness.id}-restored", text=text)
    elif _apart(case, served[0], served[1]) and _apart(case, log[-1].under_t, told[-1].under_t):
        yield _flag(witness, "restored", "users were served again at", served[0], served[1])


def _flag(witness: Witness, what: str, words: str, by_log_t: float, told_t: float) -> Flag:
    return Flag(
        id=f"{witness.id}-{what}",
        text=f"{words} {clock(by_log_t)} by the load's log and {clock(told_t)} by {witness.name}: "
        f"{duration(abs(by_log_t - told_t))} apart, its {RATE_WINDOW_S:g} s window allowed for",
    )


def _apart(case: Case, by_log_t: float | None, told_t: float | None) -> bool:
    if by_log_t is None or told_t is None:
        return by_log_t is not told_t
    return abs(by_log_t - told_t) > MOST_APART_S and _steady(case, by_log_t) and _steady(case, told_t)


def _steady(case: Case, t: float) -> bool:
    """Whether the machine ran well around *t*."""
    lo, hi = case.view.index(t - STALL_NEAR_S), case.view.index(t + STALL_NEAR_S)
    return all(status is Second.KNOWN for status in case.view.status[lo:hi])
