"""Judges what is a fact of the run: the ledger, the fingerprints, whether the load was left alone."""

from collections import Counter
from collections.abc import Mapping

from lab.grade.case import Case
from lab.grade.load_view import OURS, Second
from lab.grade.model import Grade, Number, Verdict
from lab.grade.say import clock, duration, number, percent
from lab.grade.shape import grade_of
from lab.grade.tampering import elsewhere
from lab.history.records import Event
from lab.scenario import LedgerIntact, LoadUntouched, Objective, Unchanged

MISSED_SECONDS_ALLOWED = 2
"""A second or two that the load could not keep up with are no interference."""

MIN_OFFERED_RATIO = 0.95

LOSSES = {
    "missing": "missing",
    "doubled": "there twice",
    "wrong_amount": "with another amount",
    "unpaid": "without its payment",
    "stock_wrong": "whose stock was not taken as ordered",
    "stock_unbalanced": "products whose stock does not add up",
    "stock_left_twice": "products of which more left than was shipped",
    "stream_lost": "neither shipped nor in the stream",
    "stream_given_up": "given up by the worker, not shipped",
}

CHECKOUT = "checkout"
"""The route whose good answers each acknowledge an order."""

UNTOLD = "stream_lost"
"""The one loss that time mends: the worker finds such orders, where it is left the time for it."""


def judge_ledger(case: Case, objective: Objective, _probe: LedgerIntact) -> Grade:
    """Every acknowledged write is in the database, once, as it was acknowledged.

    Orders that the worker may still find are held against nobody before hold and replay are over.
    """
    event = _last(case, "ledger")
    if event is None:
        return grade_of(objective, Verdict.UNKNOWN, "the ledger was never checked against the database")
    counts = {name: int(event.detail.get(name) or 0) for name in LOSSES}
    known, error = event.detail.get("acknowledged"), event.detail.get("error")
    early = case.phases.replay_ended_t is None and not lost_for_good(counts)
    wrong = [f"{count} {LOSSES[name]}" for name, count in counts.items() if count and not early]
    if known is None or (error and not wrong):
        why = error or "no count of acknowledged writes"
        return grade_of(objective, Verdict.UNKNOWN, f"the ledger could not be checked: {why}")
    checkouts = sum(case.view.row(CHECKOUT).ok)
    # Older journals count orders and customers together only.
    if checkouts and not wrong and not int(event.detail.get("acknowledged_orders", known)):
        text = f"the ledger has no order, and {number(checkouts)} checkouts went well: something is gone"
        return grade_of(objective, Verdict.UNKNOWN, text)
    said = ", ".join(wrong) if wrong else f"all there once, with their {_parts(event)}"
    if early and counts[UNTOLD]:
        said += f", save {counts[UNTOLD]} that may still be: hold and replay were not done"
    said += f"; not all could be checked: {error}" if error else ""
    text = f"{number(int(known))} acknowledged writes: {said} (ledger against the database, {clock(event.t)})"
    evidence: dict[str, Number] = {"acknowledged": int(known), **counts, "examples": _examples(event)}
    return grade_of(objective, Verdict.FAIL if wrong else Verdict.PASS, text, evidence=evidence)


def lost_for_good(counts: Mapping[str, Number]) -> bool:
    """Whether a ledger has losses that no time mends."""
    return any(counts.get(name) for name in LOSSES if name != UNTOLD)


def judge_unchanged(case: Case, objective: Objective, probe: Unchanged) -> Grade:
    """The fingerprint at the end is the baseline's."""
    taken = {str(e.detail.get("when")): e for e in case.phases.of("fingerprint")}
    before, after = (taken.get(when) for when in ("baseline", "end"))
    prints = [e.detail.get(probe.fingerprint) if e else None for e in (before, after)]
    if before is None or after is None or None in prints:
        missing = "baseline" if prints[0] is None else "end"
        text = f"no fingerprint of the {probe.fingerprint} was taken at the {missing}"
        return grade_of(objective, Verdict.UNKNOWN, text)
    same = prints[0] == prints[1]
    times = f"{clock(before.t)} and {clock(after.t)}"
    shown = f"{str(prints[0])[:12]} and {str(prints[1])[:12]}"
    text = f"the {probe.fingerprint}'s fingerprint is {'the same' if same else 'another'}: {shown} at {times}"
    return grade_of(objective, Verdict.PASS if same else Verdict.FAIL, text)


def judge_load(case: Case, objective: Objective, _probe: LoadUntouched) -> Grade:
    """The load offered its plan from the baseline to the end; where it did not the verdict is unknown, never
    a fail.

    A machine that slept or stalled is not interference: that shows in the holds that it cut into.
    """
    lo, hi = case.lo, case.view.n
    event = next(iter(case.phases.of("load_interfered")), None)
    if event is not None:
        what = event.detail.get("what") or "no detail"
        return _interfered(objective, f"{what}, seen at {clock(event.t)}")
    if hi <= lo:
        return _interfered(objective, "the load left no data after the baseline")
    gone = elsewhere(case)
    if gone is not None:
        return _interfered(objective, gone)
    status = Counter(case.view.status[lo:hi])
    for kind in (Second.LOST, Second.SHORT):
        if status[kind] > MISSED_SECONDS_ALLOWED:
            first = case.view.t0 + case.view.status.index(kind, lo)
            return _interfered(
                objective, f"{kind.value} for {duration(status[kind])}, first at {clock(first)}"
            )
    known = [i for i in range(lo, hi) if case.view.status[i] not in OURS] or range(lo, hi)
    wanted = sum(max(case.view.planned[i], case.scenario.load.rate_per_s) for i in known)
    ratio = sum(case.view.scheduled[i] for i in known) / wanted if wanted else 0.0
    if ratio < MIN_OFFERED_RATIO:
        return _interfered(objective, f"{percent(ratio)} of the plan was offered, wanted at least 95%")
    asleep = sum(status[kind] for kind in OURS)
    note = f"; the machine slept or stalled for {duration(asleep)}" if asleep else ""
    text = f"{percent(ratio)} of the plan was offered over {duration(hi - lo)}{note} (the load's ticks)"
    evidence: dict[str, Number] = {"offered_ratio": round(ratio, 5), "stalled_s": asleep, "over_s": hi - lo}
    return grade_of(objective, Verdict.PASS, text, evidence=evidence)


def _interfered(objective: Objective, text: str) -> Grade:
    return grade_of(
        objective, Verdict.UNKNOWN, f"load interfered: {text}", evidence={"load_interfered": "yes"}
    )


def _parts(event: Event) -> str:
    """What of each order was looked at, in words."""
    first = ["amounts", "payments", *(["stock"] if event.detail.get("stock_checked") else [])]
    shipped = ", shipped or to be shipped" if event.detail.get("stream_checked") else ""
    return f"{', '.join(first[:-1])} and {first[-1]}{shipped}"


def _last(case: Case, kind: str) -> Event | None:
    return next(reversed(case.phases.of(kind)), None)


def _examples(event: Event) -> str:
    examples = event.detail.get("examples") or ()
    return ", ".join(str(example) for example in examples) if not isinstance(examples, str) else examples
