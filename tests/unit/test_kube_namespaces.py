"""There is one namespace: all others are empty, and nothing that is asked for there is done here."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.kube import kinds
from lab.kube.calls import parse
from lab.kube.patches import MERGE
from lab.kube.watching import Watch
from tests.unit.kube_api import APPS, CORE, Cluster, opened

OTHER_APPS, OTHER_CORE = (path.replace("default", "other") for path in (APPS, CORE))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as made:
        yield made


@pytest.mark.parametrize("plural", ["services", "configmaps", "secrets", "pods", "events"])
def test_a_list_elsewhere_is_empty_and_one_of_all_is_not(cluster: Cluster, plural: str) -> None:
    assert cluster.ask("GET", f"{OTHER_CORE}/{plural}").json()["items"] == []
    here = cluster.ask("GET", f"{CORE}/{plural}").json()["items"]
    assert cluster.ask("GET", f"/api/v1/{plural}").json()["items"] == here
    assert here or plural in ("pods", "events")


@pytest.mark.parametrize(
    ("method", "path", "body", "missing"),
    [
        ("GET", f"{OTHER_APPS}/deployments/api", None, 'deployments.apps "api"'),
        ("GET", f"{OTHER_APPS}/deployments/api/scale", None, 'deployments.apps "api"'),
        ("PATCH", f"{OTHER_APPS}/deployments/api", {"spec": {"replicas": 0}}, 'deployments.apps "api"'),
        ("PATCH", f"{OTHER_APPS}/deployments/api/scale", {"spec": {"replicas": 0}}, 'deployments.apps "api"'),
        ("PUT", f"{OTHER_CORE}/configmaps/api", {"metadata": {"name": "api"}}, 'configmaps "api"'),
        ("DELETE", f"{OTHER_APPS}/deployments/api", {}, 'deployments.apps "api"'),
        ("DELETE", f"{OTHER_CORE}/pods/redis-0", {}, 'pods "redis-0"'),
        ("POST", f"{OTHER_CORE}/pods/redis-0/eviction", {}, 'pods "redis-0"'),
        ("POST", f"{OTHER_CORE}/pods/redis-0/exec", {}, 'pods "redis-0"'),
        ("GET", f"{OTHER_CORE}/pods/redis-0/log", None, 'pods "redis-0"'),
        ("POST", f"{OTHER_APPS}/deployments", {"metadata": {"name": "x"}}, 'namespaces "other"'),
    ],
)
def test_whatever_is_asked_for_elsewhere_is_not_found_and_not_done(
    cluster: Cluster, method: str, path: str, body: Any, missing: str
) -> None:
    before = cluster.wanted.state
    answer = cluster.ask(method, path, body)
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
    assert answer.json()["message"] == f"{missing} not found"
    assert cluster.wanted.state is before
    assert cluster.diary.acts == []


def test_a_watch_elsewhere_tells_of_nothing(cluster: Cluster) -> None:
    query = {"watch": "true", "sendInitialEvents": "true"}
    path = f"{OTHER_CORE}/services"
    asked = parse("GET", path, query, accept="", user="trainee", command="")
    assert cluster.objects.every(kinds.SERVICES)[0]
    lines = Watch(cluster.objects, asked, now=lambda: 0.0).lines()
    first = cluster.runner.run(asyncio.wait_for(anext(lines), 10))
    assert json.loads(first)["type"] == "BOOKMARK"


def test_what_may_not_be_done_is_forbidden_there(cluster: Cluster) -> None:
    said = cluster.ask("POST", f"{OTHER_CORE}/pods", {}).json()
    assert said["code"] == 403
    assert said["message"].endswith('in the namespace "other"')


def test_an_object_that_names_another_namespace_than_its_path_is_refused(cluster: Cluster) -> None:
    body = {"metadata": {"name": "x", "namespace": "other"}}
    for method, path in (("POST", f"{APPS}/deployments"), ("PATCH", f"{CORE}/services/api")):
        answer = cluster.ask(method, path, body, MERGE)
        assert answer.status_code == 400
        assert "does not match the namespace sent on the request" in answer.json()["message"]


@pytest.mark.parametrize(("method", "path", "code"), [("GET", "pods/a", 404), ("POST", "pods", 405)])
def test_one_object_is_always_in_a_namespace(cluster: Cluster, method: str, path: str, code: int) -> None:
    assert cluster.ask(method, f"/api/v1/{path}", {}).status_code == code
