"""What may be changed of an object, and that nothing else is taken and then left undone."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC
from tests.unit.kube_api import APPS, CORE, Cluster, opened

API = f"{APPS}/deployments/api"
SERVICE, MAP = f"{CORE}/services/api", f"{CORE}/configmaps/api"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as made:
        yield made


def pod_spec(**fields: Any) -> dict[str, Any]:
    """A patch of a deployment's pods."""
    return {"spec": {"template": {"spec": fields}}}


def container(**fields: Any) -> dict[str, Any]:
    """A patch of their container."""
    return pod_spec(containers=[{"name": "api", **fields}])


def green(**container_fields: Any) -> dict[str, Any]:
    """A deployment as people write them: with no more than it needs."""
    labels = {"app": "green"}
    made = {"name": "api", "image": "shop/api:1.0", **container_fields}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "green"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [made]}},
        },
    }


@pytest.mark.parametrize(
    ("path", "patch", "field"),
    [
        (API, {"spec": {"strategy": {"type": "Recreate"}}}, "spec.strategy.type"),
        (
            API,
            {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "50%"}}}},
            "spec.strategy.rollingUpdate.maxSurge",
        ),
        (API, {"spec": {"strategy": None}}, "spec.strategy"),
        (API, {"spec": {"minReadySeconds": 10}}, "spec.minReadySeconds"),
        (API, {"spec": {"revisionHistoryLimit": 1}}, "spec.revisionHistoryLimit"),
        (API, {"spec": {"progressDeadlineSeconds": 5}}, "spec.progressDeadlineSeconds"),
        (API, {"metadata": {"finalizers": ["a/b"]}}, "metadata.finalizers"),
        (API, pod_spec(initContainers=[{"name": "a", "image": "b"}]), "spec.template.spec.initContainers"),
        (API, pod_spec(nodeSelector={"a": "b"}), "spec.template.spec.nodeSelector.a"),
        (API, pod_spec(hostNetwork=True), "spec.template.spec.hostNetwork"),
        (
            API,
            pod_spec(terminationGracePeriodSeconds=60),
            "spec.template.spec.terminationGracePeriodSeconds",
        ),
        (API, pod_spec(dnsPolicy="None"), "spec.template.spec.dnsPolicy"),
        (API, container(command=["sh"]), "spec.template.spec.containers[0].command"),
        (API, container(readinessProbe=None), "spec.template.spec.containers[0].readinessProbe"),
        (
            API,
            container(readinessProbe={"periodSeconds": 9}),
            "spec.template.spec.containers[0].readinessProbe.periodSeconds",
        ),
        (SERVICE, {"spec": {"type": "NodePort"}}, "spec.type"),
        (SERVICE, {"spec": {"ports": [{"port": 8080, "targetPort": 1}]}}, "spec.ports[0].targetPort"),
        (MAP, {"immutable": True}, "immutable"),
        (MAP, {"binaryData": {"a": "Yg=="}}, "binaryData.a"),
    ],
)
def test_a_field_that_would_do_nothing_is_refused_by_name(
    cluster: Cluster, path: str, patch: dict[str, Any], field: str
) -> None:
    before = cluster.wanted.state
    answer = cluster.ask("PATCH", path, patch, STRATEGIC)
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden"), answer.text
    assert field in answer.json()["message"]
    assert "cannot be changed in this lab" in answer.json()["message"]
    assert cluster.wanted.state is before


@pytest.mark.parametrize("path", [API, SERVICE, MAP])
@pytest.mark.parametrize("content_type", [STRATEGIC, MERGE, APPLY, ""])
def test_what_was_printed_can_be_sent_back(cluster: Cluster, path: str, content_type: str) -> None:
    printed = cluster.ask("GET", path).json()
    before = cluster.wanted.state
    answer = cluster.ask("PATCH" if content_type else "PUT", path, printed, content_type or MERGE)
    assert (answer.status_code, answer.json()) == (200, printed)
    assert cluster.wanted.state is before
    assert cluster.diary.acts == []


def test_a_short_object_stands_for_what_it_leaves_out(cluster: Cluster) -> None:
    made = cluster.ask("POST", f"{APPS}/deployments", green())
    assert made.status_code == 201, made.text
    before = cluster.wanted.deployment("green")
    assert cluster.ask("PUT", f"{APPS}/deployments/green", green(resources=None)).status_code == 200
    again = green(resources={"limits": {"memory": "128Mi"}})
    assert cluster.ask("PUT", f"{APPS}/deployments/green", again).status_code == 200
    assert cluster.wanted.deployment("green").template == before.template
    applied = copy.deepcopy(green())
    applied["metadata"]["name"] = "blue"
    assert cluster.ask("PATCH", f"{APPS}/deployments/blue", applied, APPLY).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"strategy": {"type": "Recreate"}}, "spec.strategy.type"),
        ({"minReadySeconds": 3}, "spec.minReadySeconds"),
    ],
)
def test_a_new_deployment_is_held_to_the_same(cluster: Cluster, change: dict[str, Any], field: str) -> None:
    body = green()
    body["spec"] |= change
    answer = cluster.ask("POST", f"{APPS}/deployments", body)
    assert answer.status_code == 403
    assert field in answer.json()["message"]
    assert [one.name for one in cluster.wanted.all()] == ["api"]


def source(**ref: Any) -> dict[str, Any]:
    """A variable that comes from a config map."""
    return {"name": "DB_THREADS", "valueFrom": {"configMapKeyRef": ref}}


ENV = "spec.template.spec.containers[0].env[0]"


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (source(name="api"), f"{ENV}.valueFrom.configMapKeyRef.key: Required value"),
        (source(key="DB_THREADS"), f"{ENV}.valueFrom.configMapKeyRef.name: Required value"),
        (source(name="api", key="NO"), f"{ENV}.valueFrom.configMapKeyRef.key: Not found: 'NO'"),
        (source(name="no", key="NO"), f"{ENV}.valueFrom.configMapKeyRef.name: Not found: 'no'"),
        (
            {**source(name="api", key="DB_THREADS"), "name": "DATABASE_URL"},
            f"{ENV}.name: Unsupported value: 'DATABASE_URL'",
        ),
        (
            {**source(name="api", key="DB_THREADS"), "value": "1"},
            f"{ENV}.valueFrom: Invalid value: may not be specified when `value` is not empty",
        ),
        (
            {"name": "DB_THREADS", "valueFrom": {"secretKeyRef": {"name": "api", "key": "a"}}},
            f"{ENV}.valueFrom: Forbidden: only configMapKeyRef",
        ),
    ],
)
def test_a_variable_from_elsewhere_is_held_to_the_same_and_must_be_there(
    cluster: Cluster, variable: dict[str, Any], said: str
) -> None:
    before = cluster.wanted.state
    answer = cluster.ask("PATCH", API, container(env=[variable]), STRATEGIC)
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid"), answer.text
    assert said in answer.json()["message"]
    assert cluster.wanted.state is before


def test_a_variable_from_a_config_map_that_is_there_or_optional_is_taken(cluster: Cluster) -> None:
    for ref in ({"name": "api", "key": "DB_THREADS"}, {"name": "no", "key": "NO", "optional": True}):
        assert cluster.ask("PATCH", API, container(env=[source(**ref)]), STRATEGIC).status_code == 200


@pytest.mark.parametrize("name", ["Bad Name!/x", "UPPER", "-a", "a_b", "x" * 47])
def test_a_name_that_no_pod_could_have_is_refused(cluster: Cluster, name: str) -> None:
    body = green()
    body["metadata"]["name"] = name
    answer = cluster.ask("POST", f"{APPS}/deployments", body)
    assert answer.status_code == 422
    assert "metadata.name: Invalid value" in answer.json()["message"]
    assert [one.name for one in cluster.wanted.all()] == ["api"]


@pytest.mark.parametrize("path", [SERVICE, MAP])
def test_labels_and_annotations_are_kept_and_taken_away_again(cluster: Cluster, path: str) -> None:
    for part in ("labels", "annotations"):
        assert cluster.ask("PATCH", path, {"metadata": {part: {"team": "web"}}}).status_code == 200
        assert cluster.ask("GET", path).json()["metadata"][part]["team"] == "web"
        cluster.ask("PATCH", path, {"metadata": {part: {"team": None}}})
        assert "team" not in cluster.ask("GET", path).json()["metadata"].get(part, {})
    assert {verb for verb, *_ in cluster.diary.acts} == {"annotate"}


@pytest.mark.parametrize(
    ("path", "patch", "field", "value"),
    [
        (API, {"spec": {"replicas": 1}}, ("spec", "replicas"), 1),
        (API, {"metadata": {"labels": {"a": "b"}}}, ("metadata", "labels", "a"), "b"),
        (SERVICE, {"spec": {"selector": {"track": "green"}}}, ("spec", "selector", "track"), "green"),
        (SERVICE, {"metadata": {"annotations": {"a": "b"}}}, ("metadata", "annotations", "a"), "b"),
        (MAP, {"data": {"DB_THREADS": "8"}}, ("data", "DB_THREADS"), "8"),
        (f"{API}/scale", {"spec": {"replicas": 1}}, ("spec", "replicas"), 1),
    ],
)
def test_a_dry_run_answers_the_object_as_it_would_be(
    cluster: Cluster, path: str, patch: dict[str, Any], field: tuple[str, ...], value: Any
) -> None:
    before, said = cluster.ask("GET", path).json(), cluster.wanted.state
    answer = cluster.ask("PATCH", f"{path}?dryRun=All", patch).json()
    assert answer["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    for key in field:
        answer = answer[key]
    assert answer == value
    assert cluster.wanted.state is said
    assert cluster.ask("GET", path).json() == before
    assert cluster.diary.acts == []


def test_a_dry_run_of_a_new_deployment_answers_it_whole(cluster: Cluster) -> None:
    answer = cluster.ask("POST", f"{APPS}/deployments?dryRun=All", green()).json()
    assert answer["spec"]["strategy"]["type"] == "RollingUpdate"
    assert answer["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
    assert [one.name for one in cluster.wanted.all()] == ["api"]


def test_an_undo_to_an_earlier_template_is_no_change_of_what_is_fixed(cluster: Cluster) -> None:
    template = cluster.ask("GET", API).json()["spec"]["template"]
    assert cluster.ask("PATCH", API, container(image="shop/api:9"), STRATEGIC).status_code == 200
    undo = [{"op": "replace", "path": "/spec/template", "value": template}]
    assert cluster.ask("PATCH", API, undo, JSON_PATCH).status_code == 200
    assert [verb for verb, *_ in cluster.diary.acts] == ["set-image", "rollback"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_unknown_fields_are_left_out_where_they_are_to_be_ignored(cluster: Cluster, method: str) -> None:
    path = f"{APPS}/deployments"
    if method == "PUT":
        assert cluster.ask("POST", path, green()).status_code == 201
        path += "/green"
    typo = green(imge="x")
    typo["spec"]["replcias"] = 7
    assert cluster.ask(method, path, typo).status_code == 400
    answer = cluster.ask(method, f"{path}?fieldValidation=Ignore", typo)
    assert answer.is_success, answer.text
    assert "replcias" not in answer.json()["spec"]
    assert "imge" not in answer.json()["spec"]["template"]["spec"]["containers"][0]
