"""Pods and the worker are told of the optional services that there are, and of no others."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from lab.referee.config import read_config
from lab.stack import extras
from lab.stack.compose import environment
from tests.unit.test_stack_compose import STATE

SECRETS = STATE.secrets
AT_MYSQL = f"mysql://shop:{SECRETS['SHOP_MYSQL_PASSWORD']}@{{}}:3306/shop"
ALWAYS = {"DATABASE_URL", "REDIS_URL", "PAY_URL"}


def referee_environment(services: tuple[str, ...]) -> Mapping[str, str]:
    """What Compose gives the referee of a lab with these services."""
    given = environment(replace(STATE, extras=extras.chosen(services)))
    return {**given, "PROJECT": "sev0-team-1", "SHOP_NETWORK": "sev0-team-1_shop"}


def pod_environment(*services: str) -> Mapping[str, str]:
    """What the referee gives each pod then."""
    return read_config(referee_environment(services)).pod_environment


def test_with_postgres_and_redis_alone_pods_know_of_nothing_else() -> None:
    assert set(pod_environment("postgres", "redis")) == ALWAYS


@pytest.mark.parametrize(
    ("service", "added"),
    [
        ("mysql", {"CATALOGUE_URL": AT_MYSQL.format("mysql")}),
        (
            "mysql-replica",
            {"CATALOGUE_URL": AT_MYSQL.format("mysql"), "STOCK_URL": AT_MYSQL.format("mysql-replica")},
        ),
        (
            "postgres-replica",
            {"HISTORY_URL": f"postgresql://shop:{SECRETS['SHOP_DB_PASSWORD']}@postgres-replica:5432/shop"},
        ),
        ("worker", {"ORDER_STREAM": "orders:placed"}),
    ],
)
def test_each_optional_service_adds_its_address(service: str, added: Mapping[str, str]) -> None:
    given = pod_environment(service)
    assert {name: value for name, value in given.items() if name not in ALWAYS} == added


def test_the_worker_knows_the_stock_only_where_there_is_mysql() -> None:
    assert referee_environment(("worker",))["CATALOGUE_URL"] == ""
    assert referee_environment(("worker", "mysql"))["CATALOGUE_URL"].startswith("mysql://shop:")


def test_the_worker_is_built_and_scraped_where_it_is_asked_for() -> None:
    assert "worker" in extras.images(extras.chosen(("worker",)))
    found = dict(extras.targets(extras.chosen(("worker",))))["worker"]
    assert found == [{"targets": ["worker:9109"], "labels": {"node": "worker"}}]
    assert dict(extras.targets(()))["worker"] == []
