"""What the incident cost: requests that users lost against what is allowed, and the downtime's price."""

from lab.grade.case import Case
from lab.grade.findings import Budget, Downtime
from lab.grade.say import percent
from lab.scenario import Scenario, SuccessRatio, held

DEFAULT_ALLOWED_RATIO = 0.01


def allowed_ratio(scenario: Scenario) -> float:
    """The share of all requests that may fail."""
    overall = [
        o.probe.at_least_ratio
        for o in scenario.objectives
        if isinstance(o.probe, SuccessRatio) and o.probe.route is None and held(o.probe)
    ]
    return round(1 - overall[0], 6) if overall else DEFAULT_ALLOWED_RATIO


def budget(case: Case) -> Budget:
    """Requests from the end of the baseline to the last one that counts, and those that failed."""
    lo, hi = case.lo, case.view.n
    row = case.view.overall
    failed = {name: sum(route.bad[lo:hi]) for name, route in case.view.routes.items()}
    return Budget(
        requests=sum(row.ok[lo:hi]) + sum(row.bad[lo:hi]),
        failed=sum(row.bad[lo:hi]),
        expected=sum(row.expected[lo:hi]),
        allowed_ratio=allowed_ratio(case.scenario),
        failed_by_route={name: count for name, count in failed.items() if count},
    )


def downtime(case: Case) -> Downtime:
    """The outages before the replay, added up; an outage without an end lasts until the drill's."""
    end_t = float(case.view.t0 + case.hi)
    lasted_s = sum((end_t if s.end_t is None else s.end_t) - s.start_t for s in case.outages)
    per_min = case.scenario.cost_per_min or None
    return Downtime(
        lasted_s=round(lasted_s, 3),
        cost_per_min=per_min,
        cost=None if per_min is None else round(lasted_s / 60 * per_min, 2),
    )


def spent(given: Budget) -> str:
    """The budget in one sentence."""
    ratio = given.failed / given.requests if given.requests else 0.0
    return (
        f"{given.failed:,} of {given.requests:,} requests failed ({percent(ratio)}): "
        f"{given.burnt_ratio:.1f} times what {percent(given.allowed_ratio)} would allow"
    )
