"""Logins and payments fail, signed-in users still browse, and every container reports healthy."""

from faults.release import BadRelease
from lab.scenario import (
    Accepted,
    Burst,
    Category,
    Change,
    Diagnosed,
    Inject,
    LatencyP95,
    LedgerIntact,
    Level,
    LevelBelow,
    Load,
    LoadUntouched,
    Objective,
    Replay,
    Scenario,
    SuccessRatio,
    TriggerSurvived,
    Truth,
    Unchanged,
    Within,
)

SCENARIO = Scenario(
    id="max-connections",
    title="Logins and payments fail at peak",
    level=Level.FIRST_CALL,
    services=("postgres", "redis", "pay", "lb"),
    release="2.3.1",
    load=Load(
        rate_per_s=60.0, peak_per_s=85.0, options={"gold_ratio": 0.3}, hastened_options=("gold_ratio",)
    ),
    changes=(
        Change(minutes_ago=26 * 60, component="pay", what="provider contract renewed", by="finance"),
        Change(minutes_ago=121, component="postgres", what="minor version upgrade within 17", by="dba-team"),
    ),
    timeline=(
        Inject(
            at_s=0.0,
            fault=BadRelease(deployment="api", release="2.4.0", cause="2.4.0: personal offers on sign-in"),
        ),
    ),
    objectives=(
        Objective(
            id="overall-success",
            claim="99% of all requests are answered as they should be, for 60 s",
            probe=SuccessRatio(at_least_ratio=0.99),
            category=Category.SERVICE,
            points=15,
        ),
        Objective(
            id="login-success",
            claim="99% of logins succeed, for 60 s",
            probe=SuccessRatio(route="login", at_least_ratio=0.99),
            category=Category.SERVICE,
            points=10,
        ),
        Objective(
            id="checkout-success",
            claim="99% of checkouts succeed, for 60 s",
            probe=SuccessRatio(route="checkout", at_least_ratio=0.99),
            category=Category.SERVICE,
            points=10,
        ),
        Objective(
            id="latency",
            claim="95% of all requests are answered within 500 ms, for 60 s",
            probe=LatencyP95(at_most_ms=500.0),
            category=Category.SERVICE,
            points=10,
        ),
        Objective(
            id="connections",
            claim="the shop holds at most 51 of its 85 database sessions (60%), for 60 s",
            probe=LevelBelow(reading="connections", at_most=51.0, unit="sessions"),
            category=Category.RESOLVED,
            points=5,
        ),
        Objective(
            id="resolved",
            claim="the cause stays gone: more sign-ins are served, sessions are in bounds 30 s later",
            probe=TriggerSurvived(
                served=("overall-success", "login-success", "checkout-success"), recovered=("connections",)
            ),
            category=Category.RESOLVED,
            points=10,
        ),
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
        Objective(
            id="load-untouched",
            claim="the users were left alone: the load ran as planned",
            probe=LoadUntouched(),
            category=Category.SAFETY,
            points=5,
        ),
        Objective(
            id="diagnosis",
            claim="component, fault and evidence were named",
            probe=Diagnosed(),
            category=Category.DIAGNOSIS,
            points=10,
            required=False,
        ),
        Objective(
            id="acknowledged",
            claim="the page was acknowledged within 5 minutes",
            probe=Within(milestone="acknowledged", limit_s=300.0),
            category=Category.TIMES,
            points=2,
            required=False,
        ),
        Objective(
            id="first-status",
            claim="the first status update went out within 10 minutes",
            probe=Within(milestone="status_update", limit_s=600.0),
            category=Category.TIMES,
            points=3,
            required=False,
        ),
        Objective(
            id="diagnosed-in-time",
            claim="a right diagnosis was given within 20 minutes",
            probe=Within(milestone="diagnosed", limit_s=1200.0),
            category=Category.TIMES,
            points=2,
            required=False,
        ),
        Objective(
            id="resolved-in-time",
            claim="service was restored for good within 45 minutes",
            probe=Within(milestone="resolved", limit_s=2700.0),
            category=Category.TIMES,
            points=3,
        ),
    ),
    replay=Replay(
        burst=Burst(route="login", rate_per_s=2.0, for_s=10.0, options={"gold_ratio": 1.0}),
        settle_s=30.0,
    ),
    truth=Truth(
        component=Accepted(
            words=("api", "release", "2.4.0", "deploy"), partial=("postgres", "database", "application")
        ),
        fault=Accepted(
            words=(
                "leak",
                "not closed",
                "never closed",
                "not returned",
                "never returned",
                "not released",
                "never released",
            ),
            partial=(
                "connections exhausted",
                "too many connections",
                "connection slots",
                "max_connections",
                "pool",
            ),
        ),
        evidence=Accepted(
            words=("idle", "pg_stat_activity", "2.4.0", "state_change", "rollout", "roll-out"),
            partial=("remaining connection slots", "fatal", "85"),
        ),
    ),
)
