"""Customers do not see what they have just ordered: their history comes from a replica that stands still."""

from faults.postgres.replay_blocked_by_query import ReplayBlockedByQuery
from faults.postgres.replay_paused import ReplayPaused
from faults.postgres.replication_credentials_broken import ReplicationCredentialsBroken
from lab import objectives
from lab.scenario import (
    IN_VAIN,
    SQL,
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
    Recogniser,
    Replay,
    Scenario,
    Trapped,
    Truth,
    Variant,
)

SCENARIO = Scenario(
    id="stale-reads",
    title="Customers do not see the orders they have just placed",
    level=Level.ON_CALL,
    services=("postgres", "postgres-replica", "redis", "pay", "lb"),
    release="2.3.1",
    load=Load(rate_per_s=60.0, peak_per_s=85.0),
    changes=(
        Change(
            minutes_ago=6 * 60, component="api", what="order history reads from the replica", by="web-team"
        ),
        Change(
            minutes_ago=75, component="postgres", what="switch of the storage network tested", by="dba-team"
        ),
    ),
    timeline=(
        Inject(
            at_s=0.0,
            fault=ReplayBlockedByQuery(again_s=15.0),
            on="postgres-replica",
            hastened=("again_s",),
        ),
    ),
    variants=(
        Variant(
            name="replay paused",
            timeline=(Inject(at_s=0.0, fault=ReplayPaused(), on="postgres-replica"),),
            truth=Truth(
                component=Accepted(
                    words=("replica", "standby"),
                    partial=("postgres", "database"),
                    others=("redis", "payment", "balancer", "haproxy", "cache"),
                ),
                fault=Accepted(
                    words=("replay is paused", "replay paused", "paused", "not resumed"),
                    partial=("lag", "behind", "stale", "replication"),
                    others=("leak", "index", "disk", "memory", "dns", "certificate", "deadlock", "network"),
                ),
                evidence=Accepted(
                    words=("pg_get_wal_replay_pause_state", "pause"),
                    partial=("lag", "heartbeat", "replay_lsn", "pg_stat_replication"),
                ),
            ),
        ),
        Variant(
            name="password rotated",
            timeline=(Inject(at_s=0.0, fault=ReplicationCredentialsBroken(), on="postgres"),),
            truth=Truth(
                component=Accepted(
                    words=("replica", "standby", "replication"),
                    partial=("postgres", "database"),
                    others=("redis", "payment", "balancer", "haproxy", "cache"),
                ),
                fault=Accepted(
                    words=("password", "credential", "authentication"),
                    partial=("lag", "behind", "stale", "not connected", "disconnected"),
                    others=("leak", "index", "disk", "memory", "dns", "certificate", "deadlock", "snapshot"),
                ),
                evidence=Accepted(
                    words=("authentication failed", "pg_stat_replication", "pg_stat_wal_receiver"),
                    partial=("lag", "heartbeat", "replay_lsn", "log"),
                ),
            ),
        ),
    ),
    objectives=(
        objectives.success("", 12),
        objectives.success("history", 15),
        objectives.success("checkout", 5),
        objectives.latency(10),
        Objective(
            id="replica-fresh",
            claim="what the replica serves is at most 5 s old, for 60 s",
            probe=LevelBelow(reading="postgres_replica_age_s", at_most=5.0, unit="s"),
            category=Category.RESOLVED,
            points=3,
        ),
        Objective(
            id="primary-keeps-up",
            claim="the primary keeps dead rows for its replica for at most 500 transactions, for 60 s",
            probe=LevelBelow(
                reading=SQL(
                    name="kept_for_replicas",
                    query="select coalesce(max(age(xmin)), 0) from pg_replication_slots",
                ),
                at_most=500,
                unit="transactions",
            ),
            category=Category.RESOLVED,
            points=2,
        ),
        objectives.resolved(
            "the cause stays gone: orders are seen in the history, through the report's next runs",
            10,
            served=("overall-success", "history-success"),
            recovered=("replica-fresh", "primary-keeps-up"),
        ),
        *objectives.NOTHING_LOST,
        objectives.goes_on("checkout", 3),
        objectives.LEFT_ALONE,
        objectives.DIAGNOSIS,
        *objectives.times(),
    ),
    hint_prices=(2, 3, 5),
    replay=Replay(burst=Burst(route="checkout", rate_per_s=2.0, for_s=20.0), settle_s=20.0),
    # 8 looks at the history a second; a third misses an order, one in ten of those calls: 6 a call.
    # One in fifty of them orders again, which costs 18 to take back.
    cost_per_min=150.0,
    # That it is the replica the page says; what holds it up is the work.
    credit=Credit(component=0.2, fault=0.5, evidence=0.3),
    bounds=(
        Bound(on="postgres-replica", setting="max_standby_streaming_delay", at_least=0, at_most=30_000),
        Bound(on="postgres-replica", setting="recovery_min_apply_delay", at_most=0),
    ),
    trapped=(
        Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,)),
        Trapped(trap="restarted-pods", shows=IN_VAIN),
        Trapped(trap="promoted-replica", shows=IN_VAIN),
        Trapped(trap="restarted-database", shows=IN_VAIN),
        Trapped(trap="flushed-cache", shows=IN_VAIN),
        # Users are served for good: only what the primary keeps tells.
        Trapped(trap="fed-back", shows=(CameOfIt.SERVED,), blames=("primary-keeps-up",)),
    ),
    truth=Truth(
        component=Accepted(
            words=("replica", "standby"),
            partial=("postgres", "database"),
            others=("redis", "payment", "balancer", "haproxy", "cache"),
        ),
        fault=Accepted(
            words=(
                "blocks replay",
                "report",
                "recovery conflict",
                "recoveryconflict",
                "replay waits",
                "snapshot",
            ),
            partial=("lag", "behind", "stale", "replication"),
            others=("leak", "index", "disk", "memory", "dns", "certificate", "deadlock", "network"),
        ),
        evidence=Accepted(
            words=("recoveryconflict", "backend_xmin", "pg_stat_activity", "max_standby_streaming_delay"),
            partial=("lag", "heartbeat", "replay_lsn", "pg_stat_replication"),
        ),
    ),
    traps=(
        Recogniser(
            id="fed-back",
            typed_in="sql",
            pattern=r"\balter\s+system\s+set\s+hot_standby_feedback\s*(=|to)\s*'?(on|true|yes|1)\b",
            tone="trap",
            lesson="The primary then keeps each dead row that a reader of the replica may want, for as"
            " long as they read: the replica is fresh, and the primary swells.",
        ),
    ),
)
