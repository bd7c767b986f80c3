"""What a client may send that kubectl never would: answered with a Status, and what is wanted stays sound."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from lab.kube.objects import Objects
from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC
from lab.kube.server import Server
from lab.referee.balancer import HAProxy
from lab.referee.cluster.book import Book
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.cluster import LabCluster
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.make import TRAINEE
from lab.referee.cluster.projection import Machine
from lab.referee.pods.containers import Containers
from lab.referee.pods.controller import Controller
from lab.referee.pods.store import Store
from lab.referee.pods.targets import TargetsFile
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Services
from tests.kubectl.side import Diary

APPS = "/apis/apps/v1/namespaces/default"
CORE = "/api/v1/namespaces/default"
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


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """An API whose engine and balancer nobody asks."""

    runner: asyncio.Runner
    http: httpx.AsyncClient
    wanted: Wanted
    looking: Looking
    diary: Diary

    def ask(self, method: str, path: str, body: Any = None, content_type: str = MERGE) -> httpx.Response:
        """One request and its answer; what the server raises is raised here."""
        asked = self.http.request(method, path, json=body, headers={"Content-Type": content_type})
        return self.runner.run(asked)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    api = docker.APIClient(base_url=f"unix://{tmp_path}/engine", version="1.44")
    containers = Containers(api, lab="x", project="x", network="x", images={"1.0": "x"}, environment={})
    wanted = Wanted(Store(tmp_path / "wanted.json"), releases=containers.releases, now=time.time)
    wanted.ensure("api", release="1.0", replicas=2, config={"DB_THREADS": "4"})
    controller = Controller(
        wanted=wanted,
        containers=containers,
        balancer=HAProxy(tmp_path / "balancer"),
        targets=TargetsFile(tmp_path / "targets"),
        ready=lambda _: False,
        tell=lambda *_: None,
        now=time.time,
    )
    objects, services, diary = Objects(first_version=1), Services(api, project="x"), Diary()
    looking = Looking(
        objects=objects,
        wanted=wanted,
        controller=controller,
        services=services,
        members=[],
        book=Book(now=time.time),
        machine=Machine(cores=2, memory_bytes=2**30),
        made_t=0.0,
        now=time.time,
    )
    looking.project()
    changing = Changing(
        objects=objects,
        wanted=wanted,
        looking=looking,
        services=services,
        acts=diary,
        wake=controller.wake,
        now=time.time,
    )
    behind = LabCluster(
        objects=objects, changing=changing, looking=looking, api=api, history=diary, now=time.time
    )
    server = Server(behind, who=lambda _: TRAINEE, now=time.time)
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=server.routes())), base_url="http://cluster"
    )
    with asyncio.Runner() as runner:
        yield Cluster(runner=runner, http=http, wanted=wanted, looking=looking, diary=diary)
        runner.run(http.aclose())
    api.close()


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
