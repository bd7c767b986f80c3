"""Logins and payments fail, signed-in users still browse, and every container reports healthy."""

from faults.release import BadRelease
from lab import objectives
from lab.scenario import (
    Accepted,
    Bound,
    Burst,
    CameOfIt,
    Category,
    Change,
    Credit,
    Inject,
    Level,
    LevelBelow,
    Load,
    Objective,
    Replay,
    Scenario,
    Trapped,
    Truth,
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
        objectives.success("", 12),
        objectives.success("login", 10),
        objectives.success("checkout", 10),
        objectives.latency(10),
        Objective(
            id="connections",
            claim="the shop holds at most 51 of its 85 database sessions (60%), for 60 s",
            probe=LevelBelow(reading="connections", at_most=51.0, unit="sessions"),
            category=Category.RESOLVED,
            points=5,
        ),
        objectives.resolved(
            "the cause stays gone: more sign-ins are served, sessions are in bounds 30 s later",
            10,
            served=("overall-success", "login-success", "checkout-success"),
            recovered=("connections",),
        ),
        *objectives.NOTHING_LOST,
        objectives.goes_on("browse", 3),
        objectives.LEFT_ALONE,
        objectives.DIAGNOSIS,
        *objectives.times(),
    ),
    replay=Replay(
        burst=Burst(route="login", rate_per_s=2.0, for_s=10.0, options={"gold_ratio": 1.0}),
        settle_s=30.0,
    ),
    # 8 checkouts a second of about 150 each, of which 12% is margin.
    cost_per_min=9000.0,
    credit=Credit(component=0.4, fault=0.4, evidence=0.2),
    bounds=(Bound(on="postgres", setting="max_connections", at_most=100),),
    trapped=(
        Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,)),
        # A pod that is ready late brings no relief before the slots are gone again.
        Trapped(trap="restarted-pods", shows=(CameOfIt.RELAPSED, CameOfIt.NEVER_SERVED)),
        Trapped(trap="raised-max-connections", shows=(CameOfIt.RELAPSED,)),
        Trapped(trap="bounded-pool", shows=(CameOfIt.RELAPSED, CameOfIt.NEVER_SERVED)),
        Trapped(trap="scaled-to-zero", shows=(CameOfIt.RELAPSED,)),
    ),
    truth=Truth(
        component=Accepted(
            words=("api", "release", "2.4.0", "deploy"),
            partial=("postgres", "database", "application"),
            others=("redis", "payment", "balancer", "haproxy", "network", "prometheus", "upgrade", "disk"),
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
            others=(
                "deadlock",
                "lock",
                "index",
                "disk",
                "memory",
                "replica",
                "certificate",
                "upgrade",
                "dns",
            ),
        ),
        evidence=Accepted(
            words=("idle", "pg_stat_activity", "2.4.0", "state_change", "rollout", "roll-out"),
            partial=("remaining connection slots", "fatal", "85"),
        ),
    ),
)
