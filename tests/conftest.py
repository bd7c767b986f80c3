"""What all tests share: the engine (missing: a skip on a laptop, a failure in CI), and removal by label."""

import functools
import os
import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from lab.engine.client import connect
from lab.engine.find import Engine, State, endpoint, find
from lab.engine.runner import SystemRunner
from tests import images, labelled, podshop, turns


@functools.cache
def found() -> Engine:
    """The engine, asked once."""
    return find(SystemRunner())


def pytest_configure() -> None:
    """Let the SDK and testcontainers meet the engine that the docker command talks to.

    testcontainers would pull an image to clean up with, which not every machine can: we clean up by label.
    """
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    if found().state is State.ANSWERS:
        os.environ.setdefault("DOCKER_HOST", endpoint(SystemRunner()))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is not due today counts as matrix, before `-m` looks at the marks."""
    turns.leave_to_others_days(items)


def pytest_report_header() -> str:
    """Say which engine the tests run on."""
    engine = found()
    return f"docker: {engine.version or engine.state.value}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs an engine where none answers; in CI that is a failure."""
    if item.get_closest_marker("docker") is None or found().state is State.ANSWERS:
        return
    why = f"{found().state.value}: {found().said}"
    if os.environ.get("CI"):
        pytest.fail(f"CI must have a Docker engine: {why}")
    pytest.skip(why)


@pytest.fixture
def runner() -> SystemRunner:
    """Runs real programs."""
    return SystemRunner()


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The Docker SDK's client; only for tests marked docker."""
    client = connect(SystemRunner())
    yield client
    client.close()


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Give the tag of one of the lab's images ("postgres", "api 2.3.1"), building it where it is missing."""
    logs = tmp_path_factory.mktemp("logs")
    return lambda title: images.built(images.titled(title), logs=logs)


@pytest.fixture(scope="session")
def pod_image(engine: docker.DockerClient) -> str:
    """A small program that behaves as a pod."""
    return podshop.pod_image()


@pytest.fixture(scope="session")
def haproxy_image(engine: docker.DockerClient) -> str:
    """The lab's own balancer."""
    return podshop.haproxy_image()


@pytest.fixture
def label() -> Iterator[str]:
    """A lab's name of this test's own; whatever carries it is removed afterwards."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    yield name
    assert not labelled.remove(name)
