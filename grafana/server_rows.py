"""The servers the API stands on, the balancer in front of it, and monitoring itself."""

from grafana.panels import Panel, Query, Row

HIT, READ = (
    f'sum(rate(pg_stat_database_blks_{what}{{job="postgres",datname="shop"}}[$__rate_interval]))'
    for what in ("hit", "read")
)

DATABASE = Row(
    title="PostgreSQL",
    panels=(
        Panel(
            title="Sessions by state, and the limit",
            description="Client sessions of all roles. At the limit ordinary roles are refused.",
            unit="none",
            queries=(
                Query(
                    expr="sum by (state) "
                    '(pg_stat_activity_count{job="postgres",backend_type="client backend"})',
                    legend="{{state}}",
                ),
                Query(expr="lab:connections_limit", legend="limit of ordinary roles"),
            ),
        ),
        Panel(
            title="Sessions by role and application",
            description="Who holds the sessions.",
            unit="none",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (usename, application_name) "
                    '(pg_stat_activity_count{job="postgres",backend_type="client backend"}) > 0',
                    legend="{{usename}} {{application_name}}",
                ),
            ),
        ),
        Panel(
            title="Share of the slots ordinary roles may have",
            description="The page DatabaseConnectionsHigh goes out above 80%.",
            unit="percentunit",
            limits={0.8: "red"},
            queries=(Query(expr="lab:connections_ratio", legend="in use"),),
        ),
        Panel(
            title="Longest transaction by state",
            description="Age of the oldest transaction, by the state of its session. The page "
            "DatabaseTransactionLong goes out above 30 s.",
            unit="s",
            limits={30: "red"},
            queries=(
                Query(expr="lab:longest_transaction_seconds", legend="of all but watchers"),
                Query(
                    expr="max by (state) "
                    '(pg_stat_activity_max_tx_duration{job="postgres",backend_type="client backend"})',
                    legend="{{state}}",
                ),
            ),
        ),
        Panel(
            title="Sessions that wait for a lock",
            description="Each stands still until another ends its transaction. "
            "The page DatabaseSessionsBlocked goes out above 3.",
            unit="none",
            limits={3: "red"},
            queries=(Query(expr="lab:blocked_sessions", legend="waiting"),),
        ),
        Panel(
            title="Sessions at work",
            description="Busy with a statement, and not waiting for a lock, a replica or a client. "
            "The page DatabaseBusy goes out above 12.",
            unit="none",
            limits={12: "red"},
            queries=(Query(expr="lab:working_sessions", legend="at work"),),
        ),
        Panel(
            title="Transactions",
            description="Commits and rollbacks in the shop's database.",
            unit="ops",
            queries=(
                Query(
                    expr='sum(rate(pg_stat_database_xact_commit{job="postgres",datname="shop"}[$__rate_interval]))',
                    legend="commits",
                ),
                Query(
                    expr='sum(rate(pg_stat_database_xact_rollback{job="postgres",datname="shop"}[$__rate_interval]))',
                    legend="rollbacks",
                ),
            ),
        ),
        Panel(
            title="Reads found in the buffer cache",
            description="Share of block reads that PostgreSQL served from its own memory.",
            unit="percentunit",
            maximum=1,
            queries=(
                Query(
                    expr=f"{HIT} / ({HIT} + {READ})",
                    legend="hit",
                ),
            ),
        ),
    ),
)

CACHE = Row(
    title="Redis",
    panels=(
        Panel(
            title="Cache look-ups by the API",
            description="Hits and misses of the catalogue's read-through cache.",
            unit="reqps",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (result) (rate(shop_cache_requests_total[$__rate_interval]))",
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="Memory",
            description="Used, and the limit above which keys are evicted (0: none).",
            unit="bytes",
            queries=(
                Query(expr='redis_memory_used_bytes{job="redis"}', legend="used"),
                Query(expr='redis_memory_max_bytes{job="redis"}', legend="limit"),
            ),
        ),
        Panel(
            title="Look-ups that found their key",
            description="Share over the last 10 s, of every kind: cache, sessions, carts. "
            "The page RedisHitRatioLow goes out below 50%.",
            unit="percentunit",
            maximum=1,
            base_colour="red",
            limits={0.5: "green"},
            queries=(Query(expr="lab:redis_hit_ratio", legend="found"),),
        ),
        Panel(
            title="Keys evicted, and answers that are errors",
            description="A second, over the last 10 s. "
            "The pages RedisEvicting and RedisErrors go out above 1.",
            unit="ops",
            limits={1: "red"},
            queries=(
                Query(expr="lab:redis_evicted_per_s", legend="evicted"),
                Query(expr="lab:redis_errors_per_s", legend="errors"),
            ),
        ),
        Panel(
            title="Clients and commands",
            description="Connected and blocked clients, and commands a second.",
            unit="short",
            queries=(
                Query(expr='redis_connected_clients{job="redis"}', legend="clients"),
                Query(expr='redis_blocked_clients{job="redis"}', legend="blocked"),
                Query(
                    expr='rate(redis_commands_processed_total{job="redis"}[$__rate_interval])',
                    legend="commands/s",
                ),
            ),
        ),
    ),
)

BALANCER = Row(
    title="Balancer",
    panels=(
        Panel(
            title="Answers by class",
            description="What the balancer gave back, its own 503 included: a second witness.",
            unit="reqps",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (code) "
                    '(rate(haproxy_backend_http_responses_total{proxy="api"}[$__rate_interval]))',
                    legend="{{code}}",
                ),
            ),
        ),
        Panel(
            title="Share of 5xx answers",
            description="Over the last 5 s.",
            unit="percentunit",
            maximum=1,
            queries=(Query(expr="lab:lb_5xx_ratio", legend="5xx"),),
        ),
        Panel(
            title="Pods in rotation, and requests that wait",
            description="Servers the balancer sends requests to, and requests queued for want of one.",
            unit="none",
            queries=(
                Query(expr='haproxy_backend_active_servers{proxy="api"}', legend="in rotation"),
                Query(expr='haproxy_backend_current_queue{proxy="api"}', legend="queued"),
            ),
        ),
    ),
)

WATCHERS = Row(
    title="Monitoring itself",
    panels=(
        Panel(
            title="Targets that answer",
            description="Share of each job's targets that could be scraped; below 1 its numbers have gaps.",
            unit="percentunit",
            width=12,
            maximum=1,
            queries=(Query(expr="avg by (job) (up)", legend="{{job}}"),),
        ),
        Panel(
            title="Time a scrape takes",
            description="At 0.9 s a scrape is given up.",
            unit="s",
            width=12,
            limits={0.9: "red"},
            queries=(Query(expr="max by (job) (scrape_duration_seconds)", legend="{{job}}"),),
        ),
    ),
)
