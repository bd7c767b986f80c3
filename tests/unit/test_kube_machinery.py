"""Selectors, versions and watches, tables, ages, amounts, unknown fields, protobuf: the API's parts."""

import asyncio
import json
from typing import Any

import pytest

from lab.kube import discovery, kinds, openapi, protobuf, strict
from lab.kube.ages import age, stamp, unix
from lab.kube.calls import Call, parse
from lab.kube.errors import ApiError
from lab.kube.objects import Objects
from lab.kube.quantities import bytes_of, cores_of
from lab.kube.selectors import fields_match, labels_match
from lab.kube.tables import table
from lab.kube.watching import Watch

LABELS = {"app": "api", "track": "blue"}


def pod(name: str, *, uid: str = "", ready: bool = True, **labels: str) -> dict[str, Any]:
    """A pod, as far as these tests look."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "uid": uid or name,
            "creationTimestamp": stamp(100.0),
            "labels": labels or {"app": "api"},
        },
        "spec": {"containers": [{"name": "api"}]},
        "status": {"phase": "Running", "containerStatuses": [{"ready": ready, "restartCount": 0}]},
    }


@pytest.mark.parametrize(
    ("selector", "fits"),
    [
        ("", True),
        ("app=api", True),
        ("app==api,track!=green", True),
        ("app in (api, web),track", True),
        ("track notin (blue)", False),
        ("app in(api),track notin(green)", True),
        ("!track", False),
        ("!other", True),
        ("app=web", False),
    ],
)
def test_label_selectors(selector: str, fits: bool) -> None:
    assert labels_match(selector, LABELS) is fits


def test_field_selectors_and_what_is_none() -> None:
    thing = pod("a")
    assert fields_match("metadata.name=a,status.phase!=Failed", thing)
    assert not fields_match("metadata.name==b", thing)
    with pytest.raises(ApiError, match=r"field label not supported: spec\.color"):
        fields_match("spec.color=red", thing)
    with pytest.raises(ApiError, match="unable to parse requirement"):
        labels_match("a=b=c", LABELS)


def test_versions_only_grow_and_what_is_the_same_tells_nobody() -> None:
    objects = Objects(first_version=1000)
    told: list[int] = []
    stop = objects.listen(lambda: told.append(objects.version))
    objects.sync(kinds.PODS, [pod("a"), pod("b")])
    objects.sync(kinds.PODS, [pod("a"), pod("b")])
    objects.sync(kinds.PODS, [pod("a", ready=False)])
    objects.sync(kinds.PODS, [pod("a", uid="another")])
    stop()
    objects.sync(kinds.PODS, [])
    changes = objects.since(1000)
    assert [change.version for change in changes] == sorted({change.version for change in changes})
    assert [(change.type, change.object["metadata"]["name"]) for change in changes] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("MODIFIED", "a"),
        ("DELETED", "b"),
        ("DELETED", "a"),
        ("ADDED", "a"),
        ("DELETED", "a"),
    ]
    assert len(told) == 3
    with pytest.raises(ApiError, match='pods "a" not found'):
        objects.get(kinds.PODS, "a")


def call(path: str, accept: str = "application/json", **query: str) -> Call:
    """A GET."""
    return parse("GET", path, query, accept=accept, user="trainee", command="")


async def first_lines(watch: Watch, count: int, then: Any = None) -> list[Any]:
    """The first lines of a watch; *then* is called once the first is there."""
    lines: list[Any] = []
    async with asyncio.timeout(20):
        async for line in watch.lines():
            lines.append(json.loads(line))
            if len(lines) == 1 and then:
                then()
            if len(lines) == count:
                break
    return lines


def test_a_watch_replays_then_follows_and_an_object_that_leaves_its_selector_is_deleted() -> None:
    objects = Objects(first_version=1)
    objects.sync(kinds.PODS, [pod("a", app="api"), pod("x", app="redis")])
    watch = Watch(objects, call("/api/v1/pods", watch="true", labelSelector="app=api"), now=lambda: 0.0)
    change = lambda: objects.sync(kinds.PODS, [pod("a", app="other"), pod("b", app="api")])  # noqa: E731
    lines = asyncio.run(first_lines(watch, 3, change))
    assert [(line["type"], line["object"]["metadata"]["name"]) for line in lines] == [
        ("ADDED", "a"),
        ("DELETED", "a"),
        ("ADDED", "b"),
    ]


def test_a_watch_list_ends_its_replay_with_a_bookmark() -> None:
    objects = Objects(first_version=1)
    objects.sync(kinds.PODS, [pod("a")])
    asked = call("/api/v1/pods", watch="true", sendInitialEvents="true", resourceVersionMatch="NotOlderThan")
    lines = asyncio.run(first_lines(Watch(objects, asked, now=lambda: 0.0), 2))
    assert lines[1]["type"] == "BOOKMARK"
    assert lines[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


@pytest.mark.parametrize("version", ["1", "999"])
def test_a_version_from_before_this_process_is_too_old(version: str) -> None:
    objects = Objects(first_version=1000)
    objects.sync(kinds.PODS, [pod("a")])
    asked = call("/api/v1/pods", watch="true", resourceVersion=version)
    (line,) = asyncio.run(first_lines(Watch(objects, asked, now=lambda: 0.0), 1))
    assert (line["type"], line["object"]["code"], line["object"]["reason"]) == ("ERROR", 410, "Expired")


@pytest.mark.parametrize("version", ["", "0", "1000"])
def test_a_version_of_this_process_or_none_is_followed_from_its_beginning(version: str) -> None:
    objects = Objects(first_version=1000)
    objects.sync(kinds.PODS, [pod("a")])
    asked = call("/api/v1/pods", watch="true", resourceVersion=version)
    (line,) = asyncio.run(first_lines(Watch(objects, asked, now=lambda: 0.0), 1))
    assert (line["type"], line["object"]["metadata"]["name"]) == ("ADDED", "a")


def test_a_table_has_a_row_for_each_object() -> None:
    made = table(kinds.PODS, [pod("a"), pod("b", ready=False)], now_t=225.0, version=7)
    names = [column["name"] for column in made["columnDefinitions"] if not column["priority"]]
    assert names == ["Name", "Ready", "Status", "Restarts", "Age"]
    assert made["rows"][0]["cells"][:5] == ["a", "1/1", "Running", "0", "2m5s"]
    assert made["rows"][1]["cells"][1] == "0/1"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (599, "9m59s"),
        (600, "10m"),
        (4 * 3600 + 60, "4h1m"),
        (9 * 3600, "9h"),
    ],
)
def test_ages(seconds: float, text: str) -> None:
    assert age(seconds) == text
    assert unix(stamp(1000 + seconds)) == 1000 + seconds


def test_amounts() -> None:
    assert (bytes_of("128Mi"), bytes_of("1G"), bytes_of("10")) == (128 * 2**20, 10**9, 10)
    assert (cores_of("500m"), cores_of("2")) == (0.5, 2.0)
    with pytest.raises(ValueError, match="no amount of memory"):
        bytes_of("much")


def test_unknown_fields_are_named() -> None:
    thing = {
        "kind": "Deployment",
        "spec": {"replcias": 2, "template": {"spec": {"containers": [{"imge": "a"}]}}},
    }
    with pytest.raises(ApiError) as refused:
        strict.check(kinds.DEPLOYMENTS, thing)
    assert 'unknown field "spec.replcias"' in str(refused.value)
    assert 'unknown field "spec.template.spec.containers[0].imge"' in str(refused.value)
    strict.check(kinds.CONFIG_MAPS, {"metadata": {"name": "a"}, "data": {"whatever": "x"}})


def test_paths_become_calls_or_404() -> None:
    scale = call("/apis/apps/v1/namespaces/default/deployments/api/scale")
    assert (scale.kind, scale.name, scale.sub, scale.verb) == (kinds.DEPLOYMENTS, "api", "scale", "get")
    assert call("/api/v1/namespaces/default/pods").verb == "list"
    assert call("/api/v1/namespaces/default").kind is kinds.NAMESPACES
    for path in ("/api/v1/widgets", "/apis/batch/v1/jobs", "/api/v1/namespaces/default/pods/a/attach"):
        with pytest.raises(ApiError, match="could not find the requested resource"):
            call(path)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "secrets/api"), ("PUT", "secrets"), ("PATCH", "pods"), ("HEAD", "pods"), ("OPTIONS", "pods/a")],
)
def test_a_method_that_is_no_verb_is_not_allowed(method: str, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(method, f"/api/v1/namespaces/default/{path}", {}, accept="", user="", command="")
    assert refused.value.code == 405


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        ("POST", "secrets", "create"),
        ("DELETE", "pods/a", "delete"),
        ("DELETE", "pods", "deletecollection"),
        ("PUT", "pods/a/log", "update"),
    ],
)
def test_a_method_is_a_verb_whatever_its_kind_can_do(method: str, path: str, verb: str) -> None:
    path = f"/api/v1/namespaces/default/{path}"
    assert parse(method, path, {}, accept="", user="", command="").verb == verb


def test_every_kind_is_discovered_and_has_an_openapi_path() -> None:
    listed = discovery.resources("apps", "v1") or {}
    assert {"deployments", "deployments/scale", "replicasets"} <= {r["name"] for r in listed["resources"]}
    assert {group["name"] for group in discovery.groups()["groups"]} >= {"apps", "metrics.k8s.io"}
    assert discovery.resources("batch", "v1") is None
    assert "apis/apps/v1" in openapi.root()["paths"]
    assert openapi.document("apis/batch/v1") is None


def envelope(kind: bytes, raw: bytes) -> bytes:
    """A protobuf body as kubectl sends it."""
    types = field(1, b"v1") + field(2, kind)
    return protobuf.MAGIC + field(1, types) + field(2, raw)


def field(number: int, value: bytes) -> bytes:
    """One field with a length."""
    return bytes([number << 3 | 2, len(value)]) + value


def test_a_review_in_protobuf_is_understood() -> None:
    attributes = field(1, b"default") + field(2, b"delete") + field(3, b"") + field(5, b"pods")
    body = envelope(b"SelfSubjectAccessReview", field(2, field(1, attributes)))
    assert protobuf.decode(body)["spec"] == {
        "resourceAttributes": {"namespace": "default", "verb": "delete", "resource": "pods"}
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", 400),
        (envelope(b"Ingress", b""), 415),
        (protobuf.MAGIC + b"\x0a\xff", 400),
        (protobuf.MAGIC + b"\x0b", 400),
    ],
)
def test_a_broken_protobuf_is_refused(body: bytes, code: int) -> None:
    with pytest.raises(ApiError) as refused:
        protobuf.decode(body)
    assert refused.value.code == code
