"""Patches as kubectl was seen to send them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.kube.errors import ApiError
from lab.kube.patches import json_patched, merged
from lab.kube.strategic import strategic

CONTAINERS = {"containers": [{"name": "app", "image": "a:1", "env": [{"name": "A", "value": "1"}]}]}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_a_merge_patch_merges_maps_and_deletes_by_null() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "l": [1]}, {"a": {"b": None, "d": 3}, "l": [2, 3]}) == {
        "a": {"c": 2, "d": 3},
        "l": [2, 3],
    }


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_an_empty_merge_patch_changes_nothing(target: dict[str, object]) -> None:
    assert merged(target, {}) == target


def test_rollout_undo_replaces_template_and_annotations() -> None:
    patch = [
        {"op": "replace", "path": "/spec/template", "value": {"x": 1}},
        {
            "op": "replace",
            "path": "/metadata/annotations",
            "value": {"deployment.kubernetes.io/revision": "2"},
        },
    ]
    was: dict[str, Any] = {"metadata": {"name": "api"}, "spec": {"template": {"y": 2}, "replicas": 2}}
    now = json_patched(was, patch)
    assert now["spec"] == {"template": {"x": 1}, "replicas": 2}
    assert now["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "2"}
    assert was["spec"]["template"] == {"y": 2}, "the object itself is left alone"


def test_json_patches_reach_into_lists() -> None:
    was = {"l": [{"a": 1}, {"a": 2}], "x/y": 1}
    assert json_patched(was, [{"op": "replace", "path": "/l/1/a", "value": 3}])["l"][1] == {"a": 3}
    assert json_patched(was, [{"op": "add", "path": "/l/-", "value": 9}])["l"][2] == 9
    assert json_patched(was, [{"op": "add", "path": "/l/0", "value": 9}])["l"][0] == 9
    assert json_patched(was, [{"op": "remove", "path": "/l/0"}])["l"] == [{"a": 2}]
    assert "x/y" not in json_patched(was, [{"op": "remove", "path": "/x~1y"}])
    assert json_patched(was, [{"op": "test", "path": "/l/0/a", "value": 1}]) == was


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({}, 400),
        ([{"op": "move", "path": "/a", "from": "/b"}], 400),
        ([{"op": "add"}], 400),
        ([{"op": "remove", "path": "/nothing"}], 422),
        ([{"op": "remove", "path": "/l/7"}], 422),
        ([{"op": "test", "path": "/a", "value": 2}], 422),
        ([{"op": "replace", "path": "/a/b/c", "value": 2}], 422),
    ],
)
def test_a_malformed_json_patch_is_refused(patch: object, code: int) -> None:
    with pytest.raises(ApiError) as refused:
        json_patched({"a": 1, "l": [1]}, patch)
    assert refused.value.code == code


def test_set_env_and_set_image_merge_containers_by_name() -> None:
    patch = {
        "$setElementOrder/containers": [{"name": "app"}],
        "containers": [
            {
                "name": "app",
                "$setElementOrder/env": [{"name": "NEW"}, {"name": "A"}],
                "env": [{"name": "A", "value": "2"}, {"name": "NEW", "value": "x"}],
            }
        ],
    }
    (app,) = strategic(CONTAINERS, patch)["containers"]
    assert app["image"] == "a:1"
    assert app["env"] == [{"name": "NEW", "value": "x"}, {"name": "A", "value": "2"}]
    gone = {"containers": [{"name": "app", "env": [{"name": "A", "$patch": "delete"}]}]}
    assert strategic(CONTAINERS, gone)["containers"][0]["env"] == []


def test_directives_of_apply_are_kept_to() -> None:
    was = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}, "old": 1}}
    patch = {"strategy": {"$retainKeys": ["rollingUpdate", "type"], "rollingUpdate": {"maxSurge": 2}}}
    assert strategic(was, patch) == {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2}}}
    assert strategic({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}) == {"a": {"c": 2}}
    assert strategic({"args": ["a", "b"]}, {"args": ["c"]}) == {"args": ["c"]}
    assert strategic({"f": ["a", "b"]}, {"$deleteFromPrimitiveList/f": ["a"]}) == {"f": ["b"]}
    assert strategic({"paused": True}, {"paused": None}) == {}


def test_service_ports_are_merged_by_port_and_container_ports_by_theirs() -> None:
    was = {"ports": [{"port": 80, "name": "a"}, {"port": 9}]}
    patch = {"ports": [{"port": 80, "targetPort": 8081}, {"port": 9, "$patch": "delete"}]}
    assert strategic(was, patch) == {"ports": [{"port": 80, "name": "a", "targetPort": 8081}]}
    with pytest.raises(ApiError, match="does not contain declared merge key: name"):
        strategic(CONTAINERS, {"containers": [{"image": "b"}]})
