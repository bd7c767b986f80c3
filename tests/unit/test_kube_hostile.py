"""What a client may send that kubectl never would: answered with a Status, and what is wanted stays sound."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC
from lab.referee.pods.store import Store
from tests.unit.kube_api import APPS, CORE, Cluster, opened

TARGETS = (
    f"{APPS}/deployments/api",
    f"{APPS}/deployments/api/scale",
    f"{APPS}/deployments/new",
    f"{CORE}/services/api",
    f"{CORE}/configmaps/api",
)
WORDS = """
    spec metadata replicas template containers env name value resources limits memory cpu labels annotations
    selector matchLabels paused data image api $patch $setElementOrder/containers $retainKeys valueFrom
    configMapKeyRef key resourceVersion uid envFrom ports app DB_THREADS
"""
NAMES = st.sampled_from(WORDS.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["api", "shop/api:2.0", "", "1", "64Mi", "delete", "replace"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
PATHS = st.lists(NAMES | st.sampled_from(["0", "-"]), max_size=6).map(lambda keys: "/" + "/".join(keys))
OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "test", "move"]), "path": PATHS},
        optional={"value": VALUES},
    ),
    max_size=3,
)
DEPTHS = (
    (),
    ("spec",),
    ("metadata",),
    ("spec", "template"),
    ("spec", "template", "metadata"),
    ("spec", "template", "spec"),
    ("spec", "template", "spec", "containers"),
)


def under(keys: tuple[str, ...], value: Any) -> Any:
    """A map of maps with *value* at its end."""
    for key in reversed(keys):
        value = {key: value}
    return value


MAPS = st.builds(under, st.sampled_from(DEPTHS), VALUES)
PATCHES = st.tuples(st.sampled_from([STRATEGIC, MERGE, APPLY]), MAPS) | st.tuples(
    st.just(JSON_PATCH), OPERATIONS | VALUES
)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as made:
        yield made


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=st.sampled_from(TARGETS), patch=PATCHES)
def test_whatever_is_patched_the_answer_is_an_object_or_a_status(
    cluster: Cluster, target: str, patch: tuple[str, Any]
) -> None:
    content_type, body = patch
    answer = cluster.ask("PATCH", target, body, content_type)
    assert answer.status_code < 500
    assert (answer.json()["kind"] == "Status") == (answer.status_code >= 400)
    cluster.looking.project()
    assert Store(cluster.wanted._store._path).load() == cluster.wanted.state
    for want in cluster.wanted.all():
        assert want.current.release


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", f"{APPS}/deployments/api", {"dryRun": ["All"]}),
        ("DELETE", f"{APPS}/deployments/api?dryRun=All", {}),
        ("PATCH", f"{APPS}/deployments/api?dryRun=All", {"spec": {"replicas": 0}}),
        ("PATCH", f"{APPS}/deployments/api/scale?dryRun=All", {"spec": {"replicas": 0}}),
        ("PATCH", f"{CORE}/services/api?dryRun=All", {"spec": {"selector": {"track": "green"}}}),
        ("PATCH", f"{CORE}/configmaps/api?dryRun=All", {"data": {"DB_THREADS": "8"}}),
    ],
)
def test_a_dry_run_changes_nothing(cluster: Cluster, method: str, path: str, body: dict[str, Any]) -> None:
    before = cluster.wanted.state
    answer = cluster.ask(method, path, body)
    assert answer.status_code == 200
    assert cluster.wanted.state is before
    assert cluster.diary.acts == []


def test_a_scale_of_an_older_version_is_a_conflict(cluster: Cluster) -> None:
    path = f"{APPS}/deployments/api/scale"
    old = cluster.ask("GET", path).json()
    assert cluster.ask("PATCH", path, {"spec": {"replicas": 3}}).is_success
    old["spec"]["replicas"] = 1
    assert cluster.ask("PUT", path, old).status_code == 409
    assert cluster.wanted.deployment("api").replicas == 3
