"""Impact and restored-at in the lab's report, against an independent prober, outage after scripted outage."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import floor

from bench.prober import EVERY_S, Answer, Prober, restored_at
from bench.scripted import OUTAGES
from bench.stand import Stand, standing
from faults.errors import NotReached
from faults.wait import until
from lab.grade.load_view import MAX_LATE_MS, STALL_REACH_S
from lab.history.journal import read_history
from lab.history.records import LoadSecond

SPEED = 3.0
HOLD_S = 60.0 / SPEED
# An onset that the two see a little apart is the same outage.
SLACK_S = 5.0
# Between the end of a hold and the next blow: the report must not take the two for one.
APART_S = 4.0
RECOVERS_WITHIN_S = 120.0
IN_A_SECOND = round(1 / EVERY_S)


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """One outage as the prober saw it; unix seconds."""

    kind: str
    impact_t: float
    restored_t: float


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One outage as the report has it; *end_t* is None where it saw no end."""

    start_t: float
    end_t: float | None


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How much later than the prober the report puts an outage's beginning and its end, seconds.

    *stalled*: the load could not keep time in it, so the report has to leave out what it saw then; None
    where it has no such outage.
    """

    kind: str
    impact_s: float | None
    restored_s: float | None
    stalled: bool = False


class NotAlike(Exception):
    """Report and prober do not even agree on which outages there were."""


def distances(
    scripted: Sequence[Scripted], reported: Sequence[Reported], *, late: Collection[int] = ()
) -> tuple[Distance, ...]:
    """Pair each scripted outage with the one outage of the report that lies in it; *late* are the seconds in
    which the load was late.

    NotAlike where the report has none, or several (it took a relief for the end), or one without an end, and
    no stall is the reason.
    """
    found = []
    for one in scripted:
        inside = [outage for outage in reported if _in(outage, one)]
        stalled = _stalled(late, one.impact_t, one.restored_t + HOLD_S)
        if len(inside) == 1 and inside[0].end_t is not None:
            impact_s, restored_s = inside[0].start_t - one.impact_t, inside[0].end_t - one.restored_t
            found.append(Distance(kind=one.kind, impact_s=impact_s, restored_s=restored_s, stalled=stalled))
        elif stalled:
            found.append(Distance(kind=one.kind, impact_s=None, restored_s=None, stalled=True))
        else:
            ends = [(round(o.start_t - one.impact_t, 1), o.end_t) for o in inside]
            raise NotAlike(f"{one.kind}: {len(inside)} outages in the report, wanted 1: {ends}")
    for outage in reported:
        known = any(_in(outage, one) for one in scripted)
        if not known and not _stalled(late, outage.start_t, outage.end_t or outage.start_t):
            raise NotAlike(f"the report has an outage that was not scripted, at {outage.start_t:.1f}")
    return tuple(found)


def _in(outage: Reported, one: Scripted) -> bool:
    return one.impact_t - SLACK_S <= outage.start_t <= one.restored_t + SLACK_S


def _stalled(late: Collection[int], since_t: float, until_t: float) -> bool:
    return any(since_t - STALL_REACH_S - 1 <= t <= until_t + STALL_REACH_S for t in late)


def off(found: Sequence[Distance], kind: str) -> Mapping[str, tuple[float, ...]]:
    """How far the report was off, whichever way, for one kind of outage, where the load kept time."""
    of_kind = [distance for distance in found if distance.kind == kind and not distance.stalled]
    return {
        "impact": tuple(abs(d.impact_s) for d in of_kind if d.impact_s is not None),
        "restored-at": tuple(abs(d.restored_s) for d in of_kind if d.restored_s is not None),
    }


def seen_by(answers: Sequence[Answer], *, kind: str, since_t: float) -> Scripted | None:
    """What the prober saw of the outage after *since_t*, None while its end is not certain."""
    late = [answer for answer in answers if answer.due_t >= since_t]
    impact_t = next((a.due_t for n, a in enumerate(late) if _begins(late[n : n + IN_A_SECOND])), None)
    restored_t = restored_at(late, after_t=since_t, hold_s=HOLD_S)
    if impact_t is None or restored_t is None:
        return None
    return Scripted(kind=kind, impact_t=impact_t, restored_t=restored_t)


def _begins(answers: Sequence[Answer]) -> bool:
    """Whether a second begins badly and is bad for the most part: one late answer is no outage."""
    return not answers[0].good and sum(not answer.good for answer in answers) > len(answers) / 2


def measure(stand: Stand, *, kinds: Sequence[str], times: int) -> tuple[Distance, ...]:
    """One calm lab, every kind of outage *times* times, and its report."""
    with standing(stand, calm=True, speed=SPEED):
        with Prober(f"http://127.0.0.1:{stand.state.ports['shop']}") as prober:
            scripted = [
                _one(stand, prober, kind) for _ in range(times) for kind in kinds
            ]  # one kind after the other: a state that the machine is in hits all of them
        report = stand.hands.grade()
        late = _late(stand)
    return distances(scripted, [_reported(outage) for outage in report["outages"]], late=late)


def _late(stand: Stand) -> frozenset[int]:
    """The seconds in which the load could not keep its clock: the judge takes nothing bad from those."""
    records = read_history(stand.state.run_dir / "journal.jsonl")
    return frozenset(
        floor(second.t)
        for second in records
        if isinstance(second, LoadSecond) and second.late_ms > MAX_LATE_MS
    )


def _one(stand: Stand, prober: Prober, kind: str) -> Scripted:
    since_t = time.time()
    OUTAGES[kind](stand.name)
    try:
        found = until(
            lambda: seen_by(prober.answers(), kind=kind, since_t=since_t),
            what=f"the shop is well again after {kind}",
            timeout_s=RECOVERS_WITHIN_S,
            every_s=1,
        )
    except NotReached as error:
        raise NotAlike(str(error)) from error
    time.sleep(APART_S)
    return found


def _reported(outage: Mapping[str, float | None]) -> Reported:
    start_t = outage["start_t"]
    assert start_t is not None
    return Reported(start_t=start_t, end_t=outage["end_t"])
