"""The shop shows what was sold minutes ago: stock is read from a replica that cannot keep up."""

from faults.mysql.delayed_replica import DelayedReplica
from faults.mysql.single_applier import SingleApplier
from faults.mysql.update_without_key import UpdateWithoutKey
from lab import objectives
from lab.scenario import (
    IN_VAIN,
    Accepted,
    Bound,
    Burst,
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
    Variant,
)

SCENARIO = Scenario(
    id="stock-behind",
    title="The shop shows more stock than there is",
    level=Level.ON_CALL,
    services=("postgres", "mysql", "mysql-replica", "redis", "pay", "lb"),
    release="2.3.1",
    load=Load(rate_per_s=60.0, peak_per_s=85.0),
    changes=(
        Change(
            minutes_ago=26 * 60,
            component="api",
            what="a product's stock is counted on the replica at each look",
            by="web-team",
        ),
        Change(
            minutes_ago=50, component="mysql-replica", what="moved to another storage class", by="platform"
        ),
    ),
    timeline=(
        Inject(
            at_s=0.0,
            fault=UpdateWithoutKey(rows=120_000, changed_ratio=0.05, pause_ms=1_500, again_s=15.0),
            on="mysql-replica",
            hastened=("again_s",),
        ),
    ),
    variants=(
        Variant(
            name="delayed",
            timeline=(Inject(at_s=0.0, fault=DelayedReplica(delay_s=900), on="mysql-replica"),),
            truth=Truth(
                component=Accepted(
                    words=("replica",),
                    partial=("mysql", "database"),
                    others=("redis", "payment", "balancer", "haproxy", "cache", "postgres"),
                ),
                fault=Accepted(
                    words=("delayed", "source_delay", "sql_delay", "a delay", "waits on purpose"),
                    partial=("lag", "behind", "stale", "replication"),
                    others=("leak", "disk", "storage", "dns", "certificate", "deadlock", "primary key"),
                ),
                evidence=Accepted(
                    words=("sql_delay", "sql_remaining_delay", "desired_delay", "source_delay"),
                    partial=("lag", "heartbeat", "gtid", "seconds_behind", "processlist"),
                ),
            ),
        ),
        Variant(
            name="single applier",
            timeline=(
                Inject(
                    at_s=0.0, fault=SingleApplier(again_s=15.0), on="mysql-replica", hastened=("again_s",)
                ),
            ),
            truth=Truth(
                component=Accepted(
                    words=("replica",),
                    partial=("mysql", "database"),
                    others=("redis", "payment", "balancer", "haproxy", "cache", "postgres"),
                ),
                fault=Accepted(
                    words=(
                        "one worker",
                        "single worker",
                        "one applier",
                        "single applier",
                        "single-threaded",
                        "single thread",
                        "parallel",
                        "commit delay",
                        "sync_delay",
                    ),
                    partial=("lag", "behind", "stale", "replication"),
                    others=("leak", "dns", "certificate", "deadlock", "network", "primary key"),
                ),
                evidence=Accepted(
                    words=(
                        "replica_parallel_workers",
                        "replication_applier_status_by_worker",
                        "binlog_group_commit_sync_delay",
                    ),
                    partial=("lag", "heartbeat", "gtid", "seconds_behind", "processlist"),
                ),
            ),
        ),
    ),
    objectives=(
        objectives.success("", 12),
        objectives.success("browse", 15),
        objectives.success("checkout", 5),
        objectives.latency(10),
        Objective(
            id="replica-fresh",
            claim="what the replica serves is at most 5 s old, for 60 s",
            probe=LevelBelow(reading="mysql_replica_age_s", at_most=5.0, unit="s"),
            category=Category.RESOLVED,
            points=5,
        ),
        objectives.resolved(
            "the cause stays gone: what was sold is seen, through the batch's next runs",
            10,
            served=("overall-success", "browse-success"),
            recovered=("replica-fresh",),
        ),
        *objectives.NOTHING_LOST,
        objectives.goes_on("checkout", 3),
        objectives.LEFT_ALONE,
        objectives.DIAGNOSIS,
        *objectives.times(),
    ),
    hint_prices=(2, 3, 5),
    replay=Replay(burst=Burst(route="checkout", rate_per_s=2.0, for_s=20.0), settle_s=20.0),
    # A fifth of 23 looks a second meets stock that is sold; one in a hundred of those leaves: 18 of margin.
    cost_per_min=50.0,
    # That it is the replica the page says; what it cannot keep up with is the work.
    credit=Credit(component=0.2, fault=0.5, evidence=0.3),
    bounds=(
        Bound(on="mysql-replica", setting="super_read_only", at_least=1),
        Bound(on="mysql-replica", setting="read_only", at_least=1),
        Bound(on="mysql", setting="read_only", at_most=0),
    ),
    trapped=(
        Trapped(trap="restarted-database", shows=IN_VAIN),
        Trapped(trap="ended-sessions", shows=IN_VAIN),
        Trapped(trap="skipped-transaction", shows=IN_VAIN),
    ),
    truth=Truth(
        component=Accepted(
            words=("replica",),
            partial=("mysql", "database"),
            others=("redis", "payment", "balancer", "haproxy", "cache", "postgres"),
        ),
        fault=Accepted(
            words=("primary key", "without a key", "without key", "no key", "keyless", "without an index"),
            partial=("lag", "behind", "stale", "replication", "batch", "huge transaction"),
            others=("leak", "disk", "storage", "dns", "certificate", "deadlock", "network"),
        ),
        evidence=Accepted(
            words=(
                "applying batch of row changes",
                "replication_applier_status_by_worker",
                "show create table",
                "information_schema",
                "stock_snapshot",
            ),
            partial=("lag", "heartbeat", "gtid", "seconds_behind", "processlist"),
        ),
    ),
)
