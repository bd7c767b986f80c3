"""Sentences that the text and the page share."""

from lab.grade import Milestone, Outcome, Report, Verdict
from lab.grade.budget import spent
from lab.grade.say import clock, duration

CURRENCY = "EUR"
"""The shop's prices are in it."""

HEADLINES = {
    Verdict.PASS: "Service is restored, and it stays so.",
    Verdict.FAIL: "Not there yet: a required objective failed.",
    Verdict.UNKNOWN: "No verdict: something that it rests on is unknown.",
}

CAME_BACK = "Mitigated, not resolved: users were served again, until the trigger was replayed."
MITIGATED = {
    Verdict.PASS: "Service is restored, but nobody is seen to have done it.",
    Verdict.FAIL: "Mitigated, not resolved: users were served again, and the cause was not shown to be gone.",
    Verdict.UNKNOWN: HEADLINES[Verdict.UNKNOWN],
}

MET = {True: "in time", False: "missed", None: "nothing to time"}


def headline(report: Report) -> str:
    """The verdict in one sentence."""
    if report.verdict is Verdict.PASS and report.impact_t is None:
        return "Service held, and nothing was lost."
    if report.outcome is Outcome.MITIGATED:
        return CAME_BACK if _came_back(report) else MITIGATED[report.verdict]
    if report.verdict is Verdict.FAIL and report.outcome is Outcome.RESOLVED:
        return "The cause is gone, and yet a required objective failed."
    return HEADLINES[report.verdict]


def _came_back(report: Report) -> bool:
    """Whether a replay was tried, and the cause was back with it."""
    return any(g.verdict is Verdict.FAIL and "replay_started_t" in g.evidence for g in report.grades)


def word(report: Report) -> str:
    """The outcome, where the verdict does not imply it."""
    implied = {Verdict.PASS: Outcome.RESOLVED, Verdict.UNKNOWN: Outcome.UNKNOWN}
    return "" if implied.get(report.verdict) is report.outcome else report.outcome.value


def felt(report: Report) -> str:
    """What users felt, and for how long."""
    if not report.outages:
        return "Users felt no outage."
    parts = []
    for outage in report.outages:
        if outage.end_t is None:
            parts.append(f"from {clock(outage.start_t)} to the end")
        else:
            parts.append(f"from {clock(outage.start_t)} for {duration(outage.end_t - outage.start_t)}")
    return f"Users felt it {', and again '.join(parts)}."


def lost(report: Report) -> str:
    """The error budget in one sentence, and the price in another."""
    routes = sorted(report.budget.failed_by_route.items(), key=lambda item: (-item[1], item[0]))
    where = f" Most on {', '.join(f'{name} ({count:,})' for name, count in routes[:3])}." if routes else ""
    return f"{spent(report.budget)}.{where}{_cost(report)}"


def _cost(report: Report) -> str:
    """What the outages cost, where the scenario says what a minute does."""
    down = report.downtime
    if not down.cost or down.cost_per_min is None:
        return ""
    a_minute = f"{down.cost_per_min:,.0f} {CURRENCY} a minute"
    return f" {duration(down.lasted_s)} without service at {a_minute}: {down.cost:,.0f} {CURRENCY}."


def took(milestone: Milestone) -> str:
    """How long a milestone took, against its target."""
    if milestone.met is None:
        return "nothing to time"
    target = f", target {duration(milestone.target_s)}" if milestone.target_s is not None else ""
    if milestone.took_s is None:
        return f"not reached{target}"
    return f"{duration(milestone.took_s)} after the {milestone.counted_from}{target}"


def since_impact(report: Report, t: float) -> str:
    """A time as minutes and seconds after (or before) users felt it; after the start where they never did."""
    zero = report.impact_t if report.impact_t is not None else report.started_t
    if zero is None:
        return clock(t)
    seconds = round(t - zero)
    sign, whole = ("-" if seconds < 0 else "+"), abs(seconds)
    return f"{sign}{whole // 60}:{whole % 60:02d}"
