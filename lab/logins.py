"""Whose password each of a lab's secrets is."""

from collections.abc import Mapping

from faults.core import Kind

PASSWORDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.POSTGRES: {
        "shop": "SHOP_DB_PASSWORD",
        "dba": "DBA_PASSWORD",
        "exporter": "EXPORTER_PASSWORD",
        "referee": "REFEREE_DB_PASSWORD",
        "replica": "REPLICA_DB_PASSWORD",
        "heartbeat": "HEARTBEAT_PASSWORD",
    },
    Kind.MYSQL: {
        "shop": "SHOP_MYSQL_PASSWORD",
        "dba": "MYSQL_DBA_PASSWORD",
        "exporter": "MYSQL_EXPORTER_PASSWORD",
        "referee": "MYSQL_REFEREE_PASSWORD",
        "replica": "MYSQL_REPLICA_PASSWORD",
        "heartbeat": "HEARTBEAT_PASSWORD",
    },
    Kind.REDIS: {
        "shop": "REDIS_SHOP_PASSWORD",
        "oncall": "REDIS_ONCALL_PASSWORD",
        "exporter": "REDIS_EXPORTER_PASSWORD",
        "referee": "REDIS_REFEREE_PASSWORD",
        "replica": "REDIS_REPLICA_PASSWORD",
        "admin": "REDIS_ADMIN_PASSWORD",
        "heartbeat": "HEARTBEAT_PASSWORD",
    },
}
"""By engine and role, the secret of a lab that is its password."""


def passwords(kind: Kind, secrets: Mapping[str, str]) -> dict[str, str]:
    """The passwords of an engine's roles, as far as their secrets are known."""
    roles = PASSWORDS.get(kind, {})
    return {role: secrets[name] for role, name in roles.items() if name in secrets}
