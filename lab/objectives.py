"""Objectives that nearly every scenario has, with the points that they earn by default."""

from lab.scenario import (
    Category,
    Diagnosed,
    LatencyP95,
    LedgerIntact,
    LoadUntouched,
    Mode,
    Objective,
    SuccessRatio,
    TriggerSurvived,
    Unchanged,
    Within,
)

NOTHING_LOST = (
    Objective(
        id="nothing-lost",
        claim="every acknowledged order and payment is in the database, once, with its amount",
        probe=LedgerIntact(),
        category=Category.DATA,
        points=10,
    ),
    Objective(
        id="data-unchanged",
        claim="the shop's older data are what they were",
        probe=Unchanged(fingerprint="data"),
        category=Category.DATA,
        points=3,
    ),
    Objective(
        id="schema-unchanged",
        claim="the schema is what it was",
        probe=Unchanged(fingerprint="schema"),
        category=Category.DATA,
        points=2,
    ),
)
LEFT_ALONE = Objective(
    id="load-untouched",
    claim="the users were left alone: the load ran as planned",
    probe=LoadUntouched(),
    category=Category.SAFETY,
    points=5,
)
DIAGNOSIS = Objective(
    id="diagnosis",
    claim="component, fault and evidence were named",
    probe=Diagnosed(),
    category=Category.DIAGNOSIS,
    points=10,
    required=False,
)


def success(route: str, points: int, *, at_least_ratio: float = 0.99) -> Objective:
    """A route answers as it should; "" is all routes together."""
    what = f"of requests to {route}" if route else "of all requests"
    return Objective(
        id=f"{route or 'overall'}-success",
        claim=f"{at_least_ratio:.0%} {what} are answered as they should be, for 60 s",
        probe=SuccessRatio(route=route or None, at_least_ratio=at_least_ratio),
        category=Category.SERVICE,
        points=points,
    )


def goes_on(route: str, points: int, *, at_least_ratio: float = 0.99) -> Objective:
    """A guard rail: what works at the page goes on working, whatever is done to mend the rest."""
    return Objective(
        id=f"{route}-goes-on",
        claim=f"{at_least_ratio:.0%} of requests to {route} are answered as they should be, throughout",
        probe=SuccessRatio(route=route, at_least_ratio=at_least_ratio, mode=Mode.THROUGHOUT),
        category=Category.SAFETY,
        points=points,
    )


def latency(points: int, *, at_most_ms: float = 500.0, route: str = "") -> Objective:
    """Answers come in time; "" is all routes together."""
    return Objective(
        id=f"{route}-latency" if route else "latency",
        claim=f"95% of {route or 'all'} requests are answered within {at_most_ms:g} ms, for 60 s",
        probe=LatencyP95(at_most_ms=at_most_ms, route=route or None),
        category=Category.SERVICE,
        points=points,
    )


def resolved(
    claim: str, points: int, *, served: tuple[str, ...], recovered: tuple[str, ...] = ()
) -> Objective:
    """The cause stays gone."""
    return Objective(
        id="resolved",
        claim=claim,
        probe=TriggerSurvived(served=served, recovered=recovered),
        category=Category.RESOLVED,
        points=points,
    )


def times(
    *,
    acknowledge_s: float = 300.0,
    status_s: float = 600.0,
    diagnose_s: float = 1200.0,
    resolve_s: float = 2700.0,
) -> tuple[Objective, ...]:
    """The targets of the clock; only the last is required."""
    limits = (
        ("acknowledged", "acknowledged", "the page was acknowledged", acknowledge_s, 2),
        ("first-status", "status_update", "the first status update went out", status_s, 3),
        ("diagnosed-in-time", "diagnosed", "a right diagnosis was given", diagnose_s, 2),
        ("resolved-in-time", "resolved", "service was restored for good", resolve_s, 3),
    )
    return tuple(
        Objective(
            id=name,
            claim=f"{claim} within {limit_s / 60:g} minutes",
            probe=Within(milestone=milestone, limit_s=limit_s),
            category=Category.TIMES,
            points=points,
            required=milestone == "resolved",
        )
        for name, milestone, claim, limit_s, points in limits
    )
