"""A shop of pods for each test, and a user who asks it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from tests.podshop import Shop, asking, opened


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
    with asking(shop) as answers:
        yield answers
