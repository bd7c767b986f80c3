"""The passwords and tokens of one lab."""

import secrets
from collections.abc import Mapping

from lab.history.chain import key_of

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


SIGNING = "LAB_SIGNING_KEY"
"""The person's own variable: any text; what it gives signs the journals of the runs that they start."""


def fresh() -> Mapping[str, str]:
    """New random ones; hexadecimal, so that no URL, shell or SQL needs to quote them."""
    return {name: secrets.token_hex(16) for name in NAMES}


def signing_key(environ: Mapping[str, str]) -> bytes | None:
    """The key of whoever types, None where they have none."""
    text = environ.get(SIGNING, "")
    return key_of(text) if text else None


def signing(environ: Mapping[str, str]) -> Mapping[str, str]:
    """What the referee signs with, as one more of a lab's secrets; nothing where there is no key."""
    key = signing_key(environ)
    return {} if key is None else {"SIGNING_KEY": key.hex()}
