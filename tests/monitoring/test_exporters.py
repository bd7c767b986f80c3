"""The exporters see what the rules ask for, most of all while the servers refuse everybody else."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from faults.wait import until

if TYPE_CHECKING:
    from tests.monitoring.conftest import Bench, Running

pytestmark = pytest.mark.docker

PASSWORD = "only-for-tests"
LEAN = [
    "stat_user_tables",
    "statio_user_tables",
    "roles",
    "database",
    "wal",
    "replication",
    "replication_slot",
]
EXPORTER = [
    "prometheus-postgres-exporter",
    "--web.listen-address=:9187",
    *(f"--no-collector.{name}" for name in [*LEAN, "stat_bgwriter"]),
]
EXPORTER_ENVIRONMENT = {
    "DATA_SOURCE_URI": "postgres:5432/shop?sslmode=disable&connect_timeout=1",
    "DATA_SOURCE_USER": "exporter",
    "DATA_SOURCE_PASS": PASSWORD,
}
ORDINARY_SLOTS = 85
SCRAPE_TIMEOUT_S = 0.9


def connect(postgres: "Running", user: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host="127.0.0.1", port=postgres.port, user=user, password=PASSWORD, dbname="shop", connect_timeout=30
    )


def answers(postgres: "Running") -> bool | None:
    with connect(postgres, "dba") as session:
        return session.execute("select true").fetchone() is not None or None


@pytest.fixture
def postgres(image: Callable[[str], str], bench: "Bench") -> "Running":
    names = ("SHOP_DB_PASSWORD", "DBA_PASSWORD", "EXPORTER_PASSWORD", "REFEREE_DB_PASSWORD")
    running = bench.start(
        image("postgres"), name="postgres", port=5432, environment=dict.fromkeys(names, PASSWORD)
    )
    until(
        lambda: answers(running),
        what="PostgreSQL answers",
        timeout_s=60,
        ignore=(psycopg.OperationalError,),
    )
    return running


@pytest.fixture
def exhausted(postgres: "Running") -> Iterator["Running"]:
    with ExitStack() as sessions:
        for _ in range(ORDINARY_SLOTS):
            sessions.enter_context(connect(postgres, "shop"))
        with pytest.raises(psycopg.OperationalError, match="remaining connection slots are reserved"):
            connect(postgres, "shop")
        yield postgres


@pytest.fixture
def start_exporter(image: Callable[[str], str], bench: "Bench") -> Callable[[], "Running"]:
    def start() -> "Running":
        return bench.start(
            image("monitoring"),
            name="postgres-exporter",
            port=9187,
            command=EXPORTER,
            environment=EXPORTER_ENVIRONMENT,
        )

    return start


def scrape(running: "Running") -> str | None:
    """The metrics."""
    text = httpx.get(f"{running.url}/metrics", timeout=30).text
    return text if "\npg_up 1" in text else None


def sessions_of(user: str, metrics: str) -> float:
    lines = [line for line in metrics.splitlines() if line.startswith("pg_stat_activity_count{")]
    ours = [line for line in lines if f'usename="{user}"' in line and 'backend_type="client backend"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in ours)


@pytest.mark.usefixtures("exhausted")
def test_while_ordinary_roles_are_refused_fifty_scrapes_of_fifty_have_every_number(
    start_exporter: Callable[[], "Running"],
) -> None:
    exporter = start_exporter()
    until(
        lambda: scrape(exporter), what="a first scrape", timeout_s=60, ignore=(httpx.HTTPError,), every_s=0.1
    )
    took_s = []
    for _ in range(50):
        began = time.monotonic()
        metrics = scrape(exporter)
        took_s.append(time.monotonic() - began)
        assert metrics is not None
        assert sessions_of("shop", metrics) == ORDINARY_SLOTS
        for name, value in (
            ("max_connections", 100),
            ("reserved_connections", 12),
            ("superuser_reserved_connections", 3),
        ):
            assert f'\npg_settings_{name}{{server="postgres:5432"}} {value}\n' in metrics
    # Prometheus waits no longer; one or the other may fall into a stall of the machine.
    assert sum(s < SCRAPE_TIMEOUT_S for s in took_s) >= 45, took_s


def test_while_ordinary_roles_are_refused_the_dba_gets_in_fifty_times_of_fifty(exhausted: "Running") -> None:
    for _ in range(50):
        assert answers(exhausted)


def test_a_session_is_told_by_role_state_and_application(
    postgres: "Running", start_exporter: Callable[[], "Running"]
) -> None:
    with connect(postgres, "shop") as session:
        session.execute("set application_name = 'shop-api'")
        exporter = start_exporter()
        metrics = until(
            lambda: scrape(exporter), what="a scrape", timeout_s=60, ignore=(httpx.HTTPError,), every_s=0.1
        )
    lines = [line for line in metrics.splitlines() if line.startswith("pg_stat_activity_count{")]
    wanted = ('application_name="shop-api"', 'state="idle in transaction"', 'usename="shop"')
    assert [line for line in lines if all(label in line for label in wanted) and line.endswith(" 1")]


@pytest.fixture
def redis(image: Callable[[str], str], bench: "Bench") -> "Running":
    names = (
        "REDIS_SHOP_PASSWORD",
        "REDIS_ONCALL_PASSWORD",
        "REDIS_EXPORTER_PASSWORD",
        "REDIS_REFEREE_PASSWORD",
    )
    return bench.start(image("redis"), name="redis", port=6379, environment=dict.fromkeys(names, PASSWORD))


def test_a_frozen_redis_is_a_reading_not_a_gap(
    redis: "Running", image: Callable[[str], str], bench: "Bench"
) -> None:
    exporter = bench.start(
        image("monitoring"),
        name="redis-exporter",
        port=9121,
        command=[
            "prometheus-redis-exporter",
            "-web.listen-address=:9121",
            "-connection-timeout=500ms",
            "-exclude-latency-histogram-metrics",
        ],
        environment={
            "REDIS_ADDR": "redis://redis:6379",
            "REDIS_USER": "exporter",
            "REDIS_PASSWORD": PASSWORD,
        },
    )

    def metrics(holding: str) -> str | None:
        text = httpx.get(f"{exporter.url}/metrics", timeout=30).text
        return text if f"\n{holding}\n" in text else None

    healthy = until(lambda: metrics("redis_up 1"), what="redis_up 1", timeout_s=60, ignore=(httpx.HTTPError,))
    for name in ("memory_used_bytes", "memory_max_bytes", "connected_clients", "commands_processed_total"):
        assert f"\nredis_{name} " in healthy
    redis.container.pause()
    try:
        until(lambda: metrics("redis_up 0"), what="redis_up 0", timeout_s=60, ignore=(httpx.HTTPError,))
    finally:
        redis.container.unpause()
