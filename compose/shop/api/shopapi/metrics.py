"""What the pod tells Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

# Twice the series for nothing that a query asks for.
disable_created_metrics()

REGISTRY = CollectorRegistry()

ROUTES = ("browse", "register", "login", "cart", "checkout", "history", "report")

REQUESTS = Counter(
    "shop_requests",
    "Requests answered.",
    ("route", "method", "status", "release"),
    registry=REGISTRY,
)
DURATION = Histogram(
    "shop_request_duration_seconds",
    "Time from a request's arrival to its answer.",
    ("route", "release"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
    registry=REGISTRY,
)
POOL_CHECKED_OUT = Gauge("shop_db_pool_checked_out", "Connections in use.", ("database",), registry=REGISTRY)
POOL_SIZE = Gauge("shop_db_pool_size", "Connections the pool keeps.", ("database",), registry=REGISTRY)
POOL_OVERFLOW = Gauge(
    "shop_db_pool_overflow", "Connections above the pool's size.", ("database",), registry=REGISTRY
)
THREADS_BUSY = Gauge("shop_db_threads_busy", "Database threads at work.", ("database",), registry=REGISTRY)
DB_ERRORS = Counter("shop_db_errors", "Database errors.", ("database", "kind"), registry=REGISTRY)
CACHE_REQUESTS = Counter("shop_cache_requests", "Reads of the cache.", ("result",), registry=REGISTRY)
UNDONE = Counter(
    "shop_checkout_undone",
    "Steps of a failed checkout that were taken back, or could not be.",
    ("step", "result"),
    registry=REGISTRY,
)
NOT_TOLD = Counter("shop_orders_not_told", "Placed orders that the stream did not take.", registry=REGISTRY)

DB_ERROR_KINDS = ("connect", "disconnect", "pool_timeout", "query")
CACHE_RESULTS = ("hit", "stale", "miss")

UNDO_STEPS = ("payment", "stock")
UNDO_RESULTS = ("done", "failed")

for _step in UNDO_STEPS:
    for _result in UNDO_RESULTS:
        UNDONE.labels(_step, _result)
for _result in CACHE_RESULTS:
    CACHE_REQUESTS.labels(_result)
