"""Everything is slow, the database is busy, people are signed out, and Redis answers in a millisecond."""

from faults.redis.eviction_storm import EvictionStorm
from lab import objectives
from lab.scenario import (
    SQL,
    Accepted,
    Bound,
    Burst,
    CameOfIt,
    Category,
    Change,
    Containers,
    Credit,
    Fact,
    Inject,
    Level,
    LevelAbove,
    LevelBelow,
    Load,
    Mode,
    Objective,
    Recogniser,
    Replay,
    Scenario,
    Trapped,
    Truth,
)

SCENARIO = Scenario(
    id="everything-slow",
    title="Everything is slow, and customers are signed out",
    level=Level.ON_CALL,
    services=("postgres", "redis", "pay", "lb", "worker"),
    release="2.3.1",
    load=Load(rate_per_s=60.0, peak_per_s=85.0),
    changes=(
        Change(minutes_ago=5 * 60, component="postgres", what="statistics collected anew", by="dba-team"),
        Change(
            minutes_ago=12,
            component="redis",
            what="settings brought in line with the other shops",
            by="platform",
        ),
    ),
    timeline=(Inject(at_s=0.0, fault=EvictionStorm(keep_ratio=0.0, lasting="yes"), on="redis"),),
    objectives=(
        objectives.success("", 10),
        objectives.success("cart", 10),
        objectives.success("checkout", 10),
        objectives.latency(10),
        objectives.latency(5, route="browse"),
        Objective(
            id="found-again",
            claim="at least half of what is looked up in Redis is found there, for 60 s",
            probe=LevelAbove(
                reading="redis_hit_ratio",
                at_least=0.5,
                unit="of look-ups",
            ),
            category=Category.RESOLVED,
            points=3,
        ),
        Objective(
            id="database-at-ease",
            claim="at most 8 of the shop's sessions are at work in PostgreSQL at once, for 60 s",
            probe=LevelBelow(
                reading=SQL(
                    name="shop_at_work",
                    query="select count(*) from pg_stat_activity where usename = 'shop' and state = 'active'"
                    " and backend_type = 'client backend'",
                ),
                at_most=8,
                unit="sessions",
            ),
            category=Category.RESOLVED,
            points=2,
        ),
        objectives.resolved(
            "the cause stays gone: more browsing is served, and nobody is signed out",
            10,
            served=("overall-success", "cart-success"),
            recovered=("found-again", "database-at-ease"),
        ),
        *objectives.NOTHING_LOST,
        Objective(
            id="redis-stays-up",
            claim="Redis, which has everybody's session and cart, is not restarted, throughout",
            probe=LevelBelow(
                reading=Containers(name="redis_restarts", of="redis", fact=Fact.RESTARTS),
                at_most=0,
                unit="restarts",
                mode=Mode.THROUGHOUT,
            ),
            category=Category.SAFETY,
        ),
        objectives.LEFT_ALONE,
        objectives.DIAGNOSIS,
        *objectives.times(),
    ),
    hint_prices=(2, 3, 5),
    # 8 checkouts a second of about 150 each, of which 12% is margin; and the lost carts.
    cost_per_min=12000.0,
    credit=Credit(component=0.3, fault=0.5, evidence=0.2),
    bounds=(Bound(on="redis", setting="maxmemory", at_least=33_554_432, at_most=201_326_592),),
    trapped=(
        Trapped(trap="flushed-cache", shows=(CameOfIt.NEVER_SERVED,)),
        Trapped(trap="restarted-redis", shows=(CameOfIt.NEVER_SERVED,), blames=("redis-stays-up",)),
        Trapped(trap="scaled-out", shows=(CameOfIt.NEVER_SERVED,)),
        Trapped(trap="restarted-pods", shows=(CameOfIt.NEVER_SERVED,)),
    ),
    traps=(
        Recogniser(
            id="restarted-redis",
            verb="restart-database",
            on="redis",
            pattern="",
            tone="trap",
            lesson="A server that starts again is what its file says, and what it forgot stays forgotten.",
        ),
        Recogniser(
            id="asked-once",
            verb="set-env",
            pattern=r"CACHE_SINGLE_FLIGHT[^-\w]+1",
            tone="good",
            lesson="One load for all who wait spares the database; it does not bring back what Redis lost.",
        ),
    ),
    replay=Replay(burst=Burst(route="browse", rate_per_s=10.0, for_s=10.0), settle_s=15.0),
    truth=Truth(
        component=Accepted(
            words=("redis", "cache"),
            partial=("api", "database", "postgres"),
            others=("payment", "balancer", "haproxy", "network", "replica"),
        ),
        fault=Accepted(
            words=("evict", "maxmemory", "memory limit"),
            partial=("cache miss", "hit ratio", "memory", "stampede"),
            others=("lock", "index", "leak", "disk", "certificate", "dns", "max_connections"),
        ),
        evidence=Accepted(
            words=("evicted_keys", "maxmemory", "allkeys", "used_memory"),
            partial=("keyspace_misses", "hit ratio", "info"),
        ),
    ),
)
