"""The passwords and tokens of one lab."""

import secrets
from collections.abc import Mapping

NAMES = (
    "SHOP_DB_PASSWORD",
    "DBA_PASSWORD",
    "EXPORTER_PASSWORD",
    "REFEREE_DB_PASSWORD",
    "REDIS_SHOP_PASSWORD",
    "REDIS_ONCALL_PASSWORD",
    "REDIS_EXPORTER_PASSWORD",
    "REDIS_REFEREE_PASSWORD",
    "REDIS_REPLICA_PASSWORD",
    "REDIS_ADMIN_PASSWORD",
    "REPLICA_DB_PASSWORD",
    "SHOP_MYSQL_PASSWORD",
    "MYSQL_DBA_PASSWORD",
    "MYSQL_EXPORTER_PASSWORD",
    "MYSQL_REFEREE_PASSWORD",
    "MYSQL_REPLICA_PASSWORD",
    "PGBOUNCER_ADMIN_PASSWORD",
    "HEARTBEAT_PASSWORD",
    "TRAINEE_TOKEN",
    "OPERATOR_TOKEN",
)


def fresh() -> Mapping[str, str]:
    """New random ones; hexadecimal, so that no URL, shell or SQL needs to quote them."""
    return {name: secrets.token_hex(16) for name in NAMES}
