"""Prometheus, as its image starts it, answers and cannot be told to do more than that."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import docker
import httpx
import pytest

from faults.wait import until

if TYPE_CHECKING:
    from tests.monitoring.conftest import Bench, Running

pytestmark = pytest.mark.docker


@pytest.fixture
def prometheus(image: Callable[[str], str], bench: "Bench") -> "Running":
    running = bench.start(image("monitoring"), name="prometheus", port=9090)
    until(
        lambda: httpx.get(f"{running.url}/-/ready", timeout=30).is_success or None,
        what="Prometheus is ready",
        timeout_s=90,
        ignore=(httpx.HTTPError,),
    )
    return running


@pytest.mark.parametrize("path", ["/-/reload", "/-/quit", "/api/v1/admin/tsdb/delete_series?match[]=up"])
def test_it_takes_no_orders_over_http(path: str, prometheus: "Running") -> None:
    assert httpx.post(f"{prometheus.url}{path}", timeout=30).status_code >= 400


def test_it_loads_the_rules_and_measures_itself(prometheus: "Running") -> None:
    def recorded() -> float | None:
        answer = httpx.get(
            f"{prometheus.url}/api/v1/query", params={"query": "lab:prometheus_start_seconds"}, timeout=30
        )
        found = answer.json()["data"]["result"]
        return float(found[0]["value"][1]) if found else None

    assert until(recorded, what="a recorded number", timeout_s=90) > 0


def test_the_image_runs_as_nobody_in_particular(
    image: Callable[[str], str], engine: docker.DockerClient
) -> None:
    config = engine.images.get(image("monitoring")).attrs["Config"]
    assert config["User"] not in {"", "root", "0"}
    assert not config.get("Volumes"), "a volume of its own would outlive the lab"
