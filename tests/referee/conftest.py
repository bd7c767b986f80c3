"""A shop of pods for each test, and a user who asks it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.podshop import Shop, opened


@pytest.fixture
def shop(
    engine: docker.DockerClient, label: str, pod_image: str, haproxy_image: str, tmp_path: Path
) -> Iterator[Shop]:
    """A shop of the test's own."""
    with opened(engine, label, pod_image, haproxy_image, tmp_path) as made:
        yield made


@pytest.fixture
def users(shop: Shop) -> Iterator[Callable[[], list[str]]]:
    """Somebody who asks 20 times a second; calling it gives the answers so far."""
    answers: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.05):
            answers.append(shop.get())

    thread = threading.Thread(target=ask)
    thread.start()
    yield lambda: answers
    stop.set()
    thread.join(timeout=10)
