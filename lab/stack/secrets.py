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
    "TRAINEE_TOKEN",
    "OPERATOR_TOKEN",
)


def fresh() -> Mapping[str, str]:
    """New random ones; hexadecimal, so that no URL, shell or SQL needs to quote them."""
    return {name: secrets.token_hex(16) for name in NAMES}
