"""What users see, and the API behind it."""

from grafana.panels import Panel, Query, Row

USERS = Row(
    title="What users see (measured by the load, outside the shop)",
    panels=(
        Panel(
            title="Requests answered as they should be",
            description="Share of all requests that ended well over the last 5 s; nothing without traffic.",
            unit="percentunit",
            kind="stat",
            width=6,
            height=5,
            maximum=1,
            decimals=1,
            base_colour="red",
            limits={0.95: "orange", 0.99: "green"},
            queries=(Query(expr="lab:success_ratio", legend="success"),),
        ),
        Panel(
            title="Slowest 5% take longer than",
            description="95th percentile over the last 5 s, from the time a request was due to its answer.",
            unit="s",
            kind="stat",
            width=6,
            height=5,
            limits={0.5: "orange", 1: "red"},
            queries=(Query(expr="lab:p95_seconds", legend="p95"),),
        ),
        Panel(
            title="Offered and answered",
            description="Arrivals never slow down for the shop: a gap between the lines is users waiting.",
            unit="reqps",
            width=6,
            height=5,
            queries=(
                Query(expr="lab:offered_per_s", legend="offered"),
                Query(expr="lab:answered_per_s", legend="ended"),
            ),
        ),
        Panel(
            title="Alerts firing",
            description="How many pages are out right now.",
            unit="none",
            kind="stat",
            width=6,
            height=5,
            limits={1: "red"},
            queries=(Query(expr='sum(ALERTS{alertstate="firing"}) or vector(0)', legend="firing"),),
        ),
        Panel(
            title="Success by route",
            description="Share of each route's requests that ended well over the last 10 s.",
            unit="percentunit",
            maximum=1,
            limits={0.99: "transparent"},
            queries=(Query(expr="lab:route_success_ratio", legend="{{route}}"),),
        ),
        Panel(
            title="How requests ended",
            description="ok and expected (a declined card, a wrong password) are good; all else failed.",
            unit="reqps",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (result) (rate(loadgen_requests_total[$__rate_interval]))",
                    legend="{{result}}",
                ),
            ),
        ),
        Panel(
            title="95th percentile by route, as users wait",
            description="From the time a request was due, so that a queue in front of the shop counts too.",
            unit="s",
            queries=(Query(expr="lab:route_p95_seconds", legend="{{route}}"),),
        ),
    ),
)

API = Row(
    title="API (as the pods say)",
    panels=(
        Panel(
            title="Requests by route",
            description="What reached the pods. Requests that the balancer refused are missing here.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (route) (rate(shop_requests_total[$__rate_interval]))", legend="{{route}}"
                ),
            ),
        ),
        Panel(
            title="Answers by status",
            description="4xx are mostly expected (declined, wrong password); 5xx are the API's own failures.",
            unit="reqps",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (status) (rate(shop_requests_total[$__rate_interval]))", legend="{{status}}"
                ),
            ),
        ),
        Panel(
            title="95th percentile by route, in the pod",
            description="From the request's arrival in the pod to its answer.",
            unit="s",
            queries=(
                Query(
                    expr="histogram_quantile(0.95, sum by (route, le) "
                    "(rate(shop_request_duration_seconds_bucket[$__rate_interval])))",
                    legend="{{route}}",
                ),
            ),
        ),
        Panel(
            title="Requests by release",
            description="Which release answers. A roll-out is where one line falls and another rises.",
            unit="reqps",
            stacked=True,
            queries=(
                Query(
                    expr="sum by (release) (rate(shop_requests_total[$__rate_interval]))",
                    legend="{{release}}",
                ),
            ),
        ),
        Panel(
            title="Pods that answer a scrape",
            description="1 while a pod's metrics can be read. A new pod appears within some 6 s.",
            unit="none",
            maximum=1,
            queries=(Query(expr='up{job="api"}', legend="{{pod}}"),),
        ),
        Panel(
            title="Database errors met by the API",
            description="By database and kind, as the API's drivers report them.",
            unit="reqps",
            queries=(
                Query(
                    expr="sum by (database, kind) (rate(shop_db_errors_total[$__rate_interval]))",
                    legend="{{database}} {{kind}}",
                ),
            ),
        ),
    ),
)

POOL = Row(
    title="Connection pool of the API",
    panels=(
        Panel(
            title="Connections taken out of the pool, by pod and database",
            description="Connections in use by requests (or kept by something that never gave them back).",
            unit="none",
            queries=(
                Query(
                    expr="sum by (pod, database) (shop_db_pool_checked_out)", legend="{{pod}} {{database}}"
                ),
                Query(expr="max(shop_db_pool_size)", legend="pool size"),
            ),
        ),
        Panel(
            title="Connections beyond the pool's size, by pod and database",
            description="Overflow: 0 or less while the pool is not full.",
            unit="none",
            queries=(
                Query(expr="sum by (pod, database) (shop_db_pool_overflow)", legend="{{pod}} {{database}}"),
            ),
        ),
        Panel(
            title="Threads busy with a database, by pod",
            description="The bulkhead: when all of one are busy, requests that need it are turned away.",
            unit="none",
            queries=(
                Query(expr="sum by (pod, database) (shop_db_threads_busy)", legend="{{pod}} {{database}}"),
            ),
        ),
    ),
)
