"""A yard of engines for each module."""

import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from tests import labelled
from tests.engines.servers import Server, Yard, soon


@pytest.fixture(scope="module")
def yard(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Yard]:
    """A network of the module's own; whatever was started on it is removed afterwards."""
    label = f"test-{uuid.uuid4().hex[:8]}"
    yield Yard(engine, label, image)
    labelled.remove(label)


@pytest.fixture(scope="module")
def postgres(yard: Yard) -> Server:
    """A primary that answers."""
    server = yard.source("postgres")
    soon(lambda: server.answers("postgres"), "the primary answers")
    return server


@pytest.fixture(scope="module")
def mysql(yard: Yard) -> Server:
    """A source that answers."""
    server = yard.source("mysql")
    soon(lambda: server.answers("mysql"), "the source answers")
    return server


@pytest.fixture(scope="module")
def redis_primary(yard: Yard) -> Server:
    """A primary that answers."""
    server = yard.source("redis")
    soon(lambda: server.answers("redis"), "the primary answers")
    return server
