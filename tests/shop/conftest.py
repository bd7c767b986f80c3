"""A shop for each module."""

import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from tests import labelled
from tests.shop.servers import Mysql, Postgres, Running
from tests.shop.stack import Pod, Stack

SOUND, LEAKY = "2.3.1", "2.4.0"


@pytest.fixture(scope="module")
def stack(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Stack]:
    """A network of the module's own; whatever was started on it is removed afterwards."""
    label = f"test-{uuid.uuid4().hex[:8]}"
    yield Stack(engine, label, image)
    labelled.remove(label)


@pytest.fixture(scope="module")
def postgres(stack: Stack) -> Postgres:
    """The module's database."""
    return stack.postgres()


@pytest.fixture(scope="module")
def redis(stack: Stack) -> Running:
    """The module's Redis."""
    return stack.redis()


@pytest.fixture(scope="module")
def mysql(stack: Stack) -> Mysql:
    """The module's warehouse."""
    return stack.mysql()


@pytest.fixture(scope="module")
def pay(stack: Stack) -> Running:
    """The module's payment provider, which is quick."""
    return stack.pay(PAY_LATENCY_MS="1-2")


@pytest.fixture(scope="module")
def pod(stack: Stack, postgres: Postgres, redis: Running, pay: Running) -> Pod:
    """A pod of the sound release."""
    return stack.pod(SOUND)
