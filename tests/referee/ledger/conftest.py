"""The servers in which acknowledged orders are looked for; each module has its own: ledgers name rows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from lab.referee.database import Database
from tests import labelled
from tests.shop.servers import ROLE_PASSWORDS, Mysql, Postgres, Running
from tests.shop.stack import Stack


@pytest.fixture(scope="module")
def shop(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Stack]:
    """The network that the servers are on."""
    with labelled.own() as label:
        yield Stack(engine, label, image)


@pytest.fixture(scope="module")
def postgres(shop: Stack) -> Postgres:
    return shop.postgres()


@pytest.fixture(scope="module")
def mysql(shop: Stack) -> Mysql:
    return shop.mysql()


@pytest.fixture(scope="module")
def redis(shop: Stack) -> Running:
    return shop.redis()


@pytest.fixture
def database(postgres: Postgres) -> Database:
    """The referee's look into it."""
    password = ROLE_PASSWORDS["referee"]
    return Database(
        f"host=127.0.0.1 port={postgres.running.port} dbname=shop user=referee password={password}"
    )


@pytest.fixture
def no_orders(tmp_path: Path) -> Path:
    """The ledger of a load that was told of no order yet."""
    path = tmp_path / "ledger.jsonl"
    path.touch()
    return path
