"""The engines' images, built as `lab start` builds them, and a yard for each module."""

import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from lab.engine.base import ensure_base
from lab.engine.runner import SystemRunner
from lab.stack.build import Builder
from lab.stack.containers import Labelled
from lab.stack.extras import CHOICES
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.engines.servers import Server, Yard, soon


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Give the tag of an image, building it where it is missing."""
    logs = tmp_path_factory.mktemp("logs")
    runner = SystemRunner()
    builder = Builder(runner=runner, root=checkout(), logs=logs)
    wanted = image_set((), CHOICES).services

    def tag_of(name: str) -> str:
        if builder.missing([wanted[name]]):
            ensure_base(runner, log=logs / "base.log", say=lambda _: None, tag=wanted[name].base)
            builder.build(wanted[name], lambda _: None)
        return wanted[name].tag(checkout())

    return tag_of


@pytest.fixture(scope="module")
def yard(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Yard]:
    """A network of the module's own; whatever was started on it is removed afterwards."""
    label = f"test-{uuid.uuid4().hex[:8]}"
    yield Yard(engine, label, image)
    labelled = Labelled(runner=SystemRunner())
    labelled.remove(labelled.things(label))


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
