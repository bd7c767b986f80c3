"""Checkouts hang, later nearly all else that needs the database, and everything reports healthy."""

from faults.release.batch_holds_rows import BatchHoldsRows
from faults.release.migration_behind_report import MigrationBehindReport
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
    Mode,
    Objective,
    Recogniser,
    Replay,
    Scenario,
    Trapped,
    Truth,
    Variant,
)

SCENARIO = Scenario(
    id="checkout-hangs",
    title="Checkouts hang and everything reports healthy",
    level=Level.FIRST_CALL,
    services=("postgres", "redis", "pay", "lb"),
    release="2.3.1",
    load=Load(rate_per_s=60.0, peak_per_s=85.0),
    changes=(
        Change(
            minutes_ago=3 * 24 * 60, component="batch", what="nightly jobs moved to the new host", by="ops"
        ),
        Change(minutes_ago=95, component="pay", what="provider's certificate renewed", by="payments-team"),
        Change(minutes_ago=40, component="batch", what="day-end jobs 1.8.0: run hourly", by="finance-it"),
    ),
    timeline=(
        Inject(
            at_s=0.0,
            on="postgres",
            hastened=("again_s",),
            fault=BatchHoldsRows(program="billing-batch", role="billing"),
        ),
    ),
    variants=(
        Variant(
            name="price import",
            timeline=(
                Inject(
                    at_s=0.0,
                    on="postgres",
                    hastened=("again_s",),
                    fault=BatchHoldsRows(
                        program="price-import", role="pricing", table="products", rows=10_000
                    ),
                ),
            ),
            truth=Truth(
                component=Accepted(
                    words=("price-import", "pricing", "import", "batch"),
                    partial=("postgres", "database"),
                    others=("redis", "payment provider", "balancer", "haproxy", "2.3.1"),
                ),
                fault=Accepted(
                    words=("idle in transaction", "open transaction", "row lock", "holds locks"),
                    partial=("lock", "blocked", "blocks"),
                    others=("replica", "disk", "memory", "network", "dns", "certificate", "leak", "index"),
                ),
                evidence=Accepted(
                    words=("pg_blocking_pids", "xact_start", "pg_stat_activity", "idle in transaction"),
                    partial=("pg_locks", "wait_event", "waits"),
                ),
            ),
        ),
        Variant(
            name="loyalty points",
            timeline=(
                Inject(
                    at_s=0.0,
                    on="postgres",
                    hastened=("again_s",),
                    fault=BatchHoldsRows(program="loyalty-points", role="loyalty"),
                ),
            ),
            truth=Truth(
                component=Accepted(
                    words=("loyalty", "batch"),
                    partial=("postgres", "database"),
                    others=("redis", "payment provider", "balancer", "haproxy", "2.3.1"),
                ),
                fault=Accepted(
                    words=("idle in transaction", "open transaction", "row lock", "holds locks"),
                    partial=("lock", "blocked", "blocks"),
                    others=("replica", "disk", "memory", "network", "dns", "certificate", "leak", "index"),
                ),
                evidence=Accepted(
                    words=("pg_blocking_pids", "xact_start", "pg_stat_activity", "idle in transaction"),
                    partial=("pg_locks", "wait_event", "waits"),
                ),
            ),
        ),
        Variant(
            name="migration",
            timeline=(Inject(at_s=0.0, on="postgres", hastened=("again_s",), fault=MigrationBehindReport()),),
            truth=Truth(
                component=Accepted(
                    words=("sales-report", "reporting", "report", "migration"),
                    partial=("postgres", "database", "orders"),
                    others=("redis", "payment provider", "balancer", "haproxy", "2.3.1"),
                ),
                fault=Accepted(
                    words=("alter", "ddl", "idle in transaction", "open transaction", "lock queue"),
                    partial=("lock", "blocked", "blocks"),
                    others=("replica", "disk", "memory", "network", "dns", "certificate", "leak", "index"),
                ),
                evidence=Accepted(
                    words=("pg_blocking_pids", "xact_start", "pg_stat_activity", "idle in transaction"),
                    partial=("pg_locks", "wait_event", "waits"),
                ),
            ),
        ),
    ),
    objectives=(
        objectives.success("", 12),
        objectives.success("checkout", 15),
        objectives.success("login", 5),
        objectives.latency(5),
        objectives.latency(3, route="checkout", at_most_ms=1500.0),
        Objective(
            id="nobody-waits",
            claim="at most 8 sessions of the database wait for a lock, for 60 s",
            probe=LevelBelow(
                reading=SQL(
                    name="waiting_for_locks",
                    query="select count(*) from pg_stat_activity where wait_event_type = 'Lock'",
                ),
                at_most=8,
                unit="sessions",
            ),
            category=Category.RESOLVED,
            points=5,
        ),
        objectives.resolved(
            "the cause stays gone: more checkouts are served, through the batch's next runs",
            10,
            served=("overall-success", "checkout-success"),
            recovered=("nobody-waits",),
        ),
        *objectives.NOTHING_LOST,
        Objective(
            id="no-half-change",
            claim="no change of the schema is left half done: all of its steps are there, or none",
            probe=LevelBelow(
                reading=SQL(
                    name="half_done_changes",
                    query="select mod(count(*), 2) from pg_attribute where attcompression = 'l' and"
                    " (attrelid, attname) in (('payments'::regclass, 'provider_ref'),"
                    " ('orders'::regclass, 'idempotency_key'))",
                ),
                at_most=0,
                unit="changes",
                mode=Mode.AT_END,
            ),
            category=Category.DATA,
            points=2,
        ),
        objectives.goes_on("browse", 3),
        objectives.LEFT_ALONE,
        objectives.DIAGNOSIS,
        *objectives.times(),
    ),
    hint_prices=(2, 3, 5, 5),
    replay=Replay(burst=Burst(route="checkout", rate_per_s=2.0, for_s=20.0), settle_s=20.0),
    # 8 checkouts a second of about 150 each, of which 12% is margin.
    cost_per_min=9000.0,
    # Whoever has found that something waits for a lock has found little: whose it is counts.
    credit=Credit(component=0.5, fault=0.3, evidence=0.2),
    bounds=(
        Bound(on="postgres", setting="max_connections", at_most=100),
        Bound(on="postgres", setting="deadlock_timeout", at_most=5_000),
    ),
    trapped=(
        Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,)),
        Trapped(trap="restarted-pods", shows=IN_VAIN),
        Trapped(trap="restarted-database", shows=IN_VAIN),
        Trapped(trap="cancelled-sessions", shows=IN_VAIN),
        Trapped(trap="ended-waiters", shows=IN_VAIN),
        Trapped(trap="left-half-applied", shows=(CameOfIt.SERVED,)),
    ),
    truth=Truth(
        component=Accepted(
            words=("billing", "batch"),
            partial=("postgres", "database"),
            others=("redis", "payment provider", "balancer", "haproxy", "2.3.1"),
        ),
        fault=Accepted(
            words=("idle in transaction", "open transaction", "row lock", "holds locks"),
            partial=("lock", "blocked", "blocks"),
            others=("replica", "disk", "memory", "network", "dns", "certificate", "leak", "index"),
        ),
        evidence=Accepted(
            words=("pg_blocking_pids", "xact_start", "pg_stat_activity", "idle in transaction"),
            partial=("pg_locks", "wait_event", "waits"),
        ),
    ),
    traps=(
        Recogniser(
            id="left-half-applied",
            typed_in="sql",
            pattern=r"\balter\s+(role|user)\s+migrations\s+(with\s+)?(nologin|connection\s+limit\s+0)",
            tone="trap",
            lesson="What a migration did before it was kept out stays done: let it end, or take that back.",
            cures=True,
        ),
        # Not who picks those out whom the waiting ones name.
        Recogniser(
            id="ended-waiters",
            typed_in="sql",
            pattern=r"^(?!.*(\bunnest\b|\b(any|in)\s*\(\s*(select\s+)?pg_blocking_pids))"
            r".*\bpg_(terminate|cancel)_backend\b"
            r".*(wait_event_type\s*=\s*'lock'|\bnot\s+(\w+\.)?granted|cardinality\s*\(\s*pg_blocking_pids)",
            tone="trap",
            lesson="Who waits holds nobody up: others come and wait, and each who was ended got an error.",
            clears_up=True,
        ),
        Recogniser(
            id="cancelled-sessions",
            typed_in="sql",
            pattern=r"\bpg_cancel_backend\b",
            tone="trap",
            lesson="A cancel ends a statement, and an idle session runs none: true says that it was sent.",
            clears_up=True,
        ),
    ),
)
