"""The servers in which acknowledged orders are looked for; each module has its own: ledgers name rows."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from lab.engine.runner import SystemRunner
from lab.referee.database import Database
from lab.stack.build import Builder
from lab.stack.containers import Labelled
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.shop.servers import ROLE_PASSWORDS, Mysql, Postgres, Running
from tests.shop.stack import Stack


@pytest.fixture(scope="module")
def shop(
    engine: docker.DockerClient, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The network that the servers are on."""
    runner, root = SystemRunner(), checkout()
    builder = Builder(runner=runner, root=root, logs=tmp_path_factory.mktemp("logs"))
    images = image_set((), ("mysql",)).services
    for missing in builder.missing([images[name] for name in ("postgres", "mysql", "redis")]):
        builder.build(missing, lambda _: None)
    label = f"test-ledger-{request.path.stem}"
    yield Stack(engine, label, lambda title: images[title].tag(root))
    labelled = Labelled(runner=runner)
    labelled.remove(labelled.things(label))


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
