"""What only some labs have: MySQL, and replicas. Without them these panels are empty."""

from grafana.panels import Panel, Query, Row

REPLICAS = Row(
    title="MySQL and replicas (where the lab has them)",
    panels=(
        Panel(
            title="How old replicas are",
            description="Age of the newest heartbeat seen at each. The pages PostgresReplicaStale and "
            "MysqlReplicaStale go out above 10 s.",
            unit="s",
            limits={10: "red"},
            queries=(Query(expr="lab:replica_age_seconds", legend="{{node}}"),),
        ),
        Panel(
            title="MySQL: sessions, and the limit",
            description="Of the source. The page MysqlConnectionsHigh goes out above 80% of the limit, "
            "MysqlThreadsRunningHigh above 16 in a statement.",
            unit="none",
            queries=(
                Query(expr="lab:mysql_connections", legend="open"),
                Query(expr="lab:mysql_threads_running", legend="in a statement"),
                Query(expr="lab:mysql_connections_limit", legend="limit"),
            ),
        ),
        Panel(
            title="MySQL: both replication threads run",
            description="1 while the receiving and the applying thread run. "
            "The page MysqlReplicationStopped goes out at 0.",
            unit="none",
            maximum=1,
            queries=(Query(expr="lab:mysql_replication_running", legend="{{node}}"),),
        ),
    ),
)
