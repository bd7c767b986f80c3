"""People are signed out and cannot sign in, carts are gone, and browsing goes on."""

from faults.redis.eviction_storm import EvictionStorm
from lab import objectives
from lab.scenario import (
    Accepted,
    Bound,
    Burst,
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
    Replay,
    Scenario,
    Truth,
)

SCENARIO = Scenario(
    id="everything-slow",
    title="Customers are signed out and cannot sign in again",
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
    timeline=(Inject(at_s=0.0, fault=EvictionStorm(keep_ratio=0.0), on="redis"),),
    objectives=(
        objectives.success("", 15),
        objectives.success("cart", 10),
        objectives.success("checkout", 10),
        objectives.latency(10),
        Objective(
            id="found-again",
            claim="at least half of what is looked up in Redis is found there, for 60 s",
            probe=LevelAbove(
                reading="redis_hit_ratio",
                at_least=0.5,
                unit="of look-ups",
            ),
            category=Category.RESOLVED,
            points=5,
        ),
        objectives.resolved(
            "the cause stays gone: more browsing is served, and nobody is signed out",
            10,
            served=("overall-success", "cart-success"),
            recovered=("found-again",),
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
