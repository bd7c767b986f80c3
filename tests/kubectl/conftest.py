"""One cluster for all tests of a module, as it was first for each of them."""

import uuid
from collections.abc import Callable, Iterator

import docker
import pytest

from faults.wait import until
from tests import labelled
from tests.kubectl.cluster import SETTINGS, Kube, running
from tests.podshop import SOUND, Shop, asking, opened


@pytest.fixture(scope="module")
def cluster(
    engine: docker.DockerClient,
    pod_image: str,
    haproxy_image: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kube]:
    """One cluster for all tests of a module; whatever was started is removed by its label."""
    label = f"test-{uuid.uuid4().hex[:8]}"
    folder = tmp_path_factory.mktemp("cluster")
    with opened(engine, label, pod_image, haproxy_image, folder) as shop:
        yield from running(shop, engine, folder)
    labelled.remove(label)


@pytest.fixture
def shop(cluster: Kube) -> Shop:
    """The module's shop."""
    return cluster.shop


@pytest.fixture
def users(shop: Shop) -> Iterator[Callable[[], list[str]]]:
    """Somebody who asks 20 times a second; calling it gives the answers so far."""
    with asking(shop) as answers:
        yield answers


@pytest.fixture
def kube(cluster: Kube) -> Kube:
    """The cluster as it was first: two pods of the sound release, nothing written down."""
    wanted = cluster.shop.wanted
    for deployment in wanted.all():
        wanted.remove(deployment.name)
    wanted.ensure("api", release=SOUND, replicas=2, config=SETTINGS)
    cluster.shop.controller.wake()
    cluster.side.looking.project()
    cluster.settled()
    until(lambda: len(cluster.pods()) == 2 or None, what="two pods", timeout_s=60)
    cluster.diary.acts.clear()
    cluster.diary.calls.clear()
    cluster.diary.closed = False
    return cluster
