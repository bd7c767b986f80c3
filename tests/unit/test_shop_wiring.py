"""Pods and the worker are told of the optional services that there are, and of no others."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import yaml

from lab.referee.config import read_config
from lab.referee.mysql import Mysql
from lab.referee.own_readings import mysql_servers
from lab.stack import extras
from lab.stack.compose import FILE, environment
from lab.stack.places import checkout
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


def test_the_referee_asks_mysql_as_itself_on_the_watchers_port() -> None:
    servers = mysql_servers(read_config(referee_environment(("postgres", "redis"))))
    password = SECRETS["MYSQL_REFEREE_PASSWORD"]
    assert servers == {
        name: Mysql(host=f"{name}-admin", port=33062, password=password)
        for name in ("mysql", "mysql-replica")
    }


def test_compose_gives_the_referee_what_it_reads_there() -> None:
    """Each server's name on the watchers' network, and the password."""
    services = yaml.safe_load((checkout() / FILE).read_text())["services"]
    assert services["referee"]["environment"]["MYSQL_REFEREE_PASSWORD"] == "${MYSQL_REFEREE_PASSWORD}"
    for name in ("mysql", "mysql-replica"):
        assert services[name]["networks"]["watch"]["aliases"] == [f"{name}-admin"]


def test_the_worker_is_built_and_scraped_where_it_is_asked_for() -> None:
    assert "worker" in extras.images(extras.chosen(("worker",)))
    found = dict(extras.targets(extras.chosen(("worker",))))["worker"]
    assert found == [{"targets": ["worker:9109"], "labels": {"node": "worker"}}]
    assert dict(extras.targets(()))["worker"] == []
