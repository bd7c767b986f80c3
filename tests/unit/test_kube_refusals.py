"""What is refused, with which code and which words: by the role first, then by what the lab can do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.kube import kinds
from tests.unit.kube_api import APPS, CORE, Cluster, opened


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "verb", "resource"),
    [
        ("POST", f"{CORE}/pods", "create", "pods"),
        ("POST", f"{CORE}/services", "create", "services"),
        ("POST", f"{CORE}/configmaps", "create", "configmaps"),
        ("POST", f"{CORE}/secrets", "create", "secrets"),
        ("POST", f"{APPS}/statefulsets", "create", "statefulsets"),
        ("PATCH", "/api/v1/nodes/lab", "patch", "nodes"),
        ("PATCH", f"{CORE}/secrets/api", "patch", "secrets"),
        ("PATCH", f"{APPS}/replicasets/api-1", "patch", "replicasets"),
        ("PUT", f"{CORE}/pods/x/log", "update", "pods/log"),
        ("DELETE", f"{CORE}/pods", "deletecollection", "pods"),
        ("DELETE", f"{APPS}/deployments/api/scale", "delete", "deployments/scale"),
    ],
)
def test_what_the_role_does_not_have_is_forbidden_and_can_i_says_so(
    cluster: Cluster, method: str, path: str, verb: str, resource: str
) -> None:
    answer = cluster.ask(method, path, {})
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
    assert f'User "trainee" cannot {verb} resource "{resource}"' in answer.json()["message"]
    plural, _, sub = resource.partition("/")
    group = "apps" if path.startswith("/apis/apps") else ""
    asked = {"verb": verb, "group": group, "resource": plural, "subresource": sub}
    review = f"/apis/authorization.k8s.io/v1/{kinds.ACCESS_REVIEWS.plural}"
    said = cluster.ask("POST", review, {"spec": {"resourceAttributes": asked}}).json()
    assert said["status"]["allowed"] is False
    assert cluster.diary.acts == []


def test_what_belongs_to_no_namespace_is_forbidden_at_the_cluster_scope(cluster: Cluster) -> None:
    assert cluster.ask("PATCH", "/api/v1/nodes/lab", {}).json()["message"] == (
        'nodes "lab" is forbidden: User "trainee" cannot patch resource "nodes" in API group "" '
        "at the cluster scope"
    )
