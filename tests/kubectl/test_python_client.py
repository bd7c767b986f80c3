"""The `kubernetes` client of Python on the same cluster: list, watch, patch, exec."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, watch
from kubernetes.stream import stream

from faults.wait import until
from tests.kubectl.cluster import SETTINGS, Kube
from tests.kubectl.side import TOKEN

pytestmark = pytest.mark.docker

SHELL = "read line; echo got $line; echo trouble >&2; exit 3"


@pytest.fixture
def api(kube: Kube) -> Iterator[Any]:
    """A client with the trainee's token."""
    configuration = client.Configuration(
        host=f"https://127.0.0.1:{kube.side.port}",
        api_key={"authorization": TOKEN},
        api_key_prefix={"authorization": "Bearer"},
    )
    configuration.ssl_ca_cert = str(kube.side.tls / "cert.pem")
    with client.ApiClient(configuration) as made:
        yield made
        made.rest_client.pool_manager.clear()


def test_lists_and_reads(kube: Kube, api: Any) -> None:
    """As typed objects: what the client's models cannot take, it refuses."""
    pods = client.CoreV1Api(api).list_namespaced_pod("default", label_selector="app=api").items
    assert {pod.metadata.name for pod in pods} == kube.pods()
    assert all(pod.status.container_statuses[0].ready for pod in pods)
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    deployment = apps.read_namespaced_deployment("api", "default")
    assert deployment.status.ready_replicas == 2
    assert len(apps.list_namespaced_replica_set("default").items) == 1
    assert [one.metadata.name for one in apps.list_namespaced_stateful_set("default").items] == ["redis"]
    assert [one.metadata.name for one in core.list_node().items] == ["lab"]
    assert {one.metadata.name for one in core.list_namespaced_service("default").items} == {"api", "redis"}
    assert [one.data for one in core.list_namespaced_config_map("default").items] == [SETTINGS]
    assert [one.data for one in core.list_namespaced_secret("default").items] == [None]
    assert any("minor version" in one.message for one in core.list_namespaced_event("default").items)
    with pytest.raises(client.ApiException) as refused:
        apps.read_namespaced_deployment("apo", "default")
    assert (refused.value.status, refused.value.reason) == (404, "Not Found")


def test_patches_change_what_runs(kube: Kube, api: Any) -> None:
    """A map is a strategic merge patch, a list a JSON patch; a refusal carries its code."""
    apps = client.AppsV1Api(api)
    apps.patch_namespaced_deployment("api", "default", {"spec": {"replicas": 3}})
    kube.settled()
    assert len(kube.pods()) == 3
    operation = {"op": "replace", "path": "/spec/replicas", "value": 2}
    apps.patch_namespaced_deployment("api", "default", [operation])
    # `rollout status` does not wait for pods that are too many, here as there.
    until(lambda: len(kube.pods()) == 2 or None, what="two pods", timeout_s=30)
    apps.patch_namespaced_deployment_scale("api", "default", {"spec": {"replicas": 1}})
    assert apps.read_namespaced_deployment_scale("api", "default").spec.replicas == 1
    with pytest.raises(client.ApiException) as refused:
        apps.patch_namespaced_stateful_set("redis", "default", {"spec": {"replicas": 2}})
    assert refused.value.status == 403


def test_an_object_that_was_changed_meanwhile_is_not_overwritten(kube: Kube, api: Any) -> None:
    """Read, changed by somebody else, written back: 409; read again, it goes."""
    apps = client.AppsV1Api(api)
    mine = apps.read_namespaced_deployment("api", "default")
    kube.ok("scale", "deployment/api", "--replicas=3")
    mine.spec.replicas = 1
    with pytest.raises(client.ApiException) as refused:
        apps.replace_namespaced_deployment("api", "default", mine)
    assert refused.value.status == 409
    scale = apps.read_namespaced_deployment_scale("api", "default")
    kube.ok("scale", "deployment/api", "--replicas=4")
    scale.spec.replicas = 1
    with pytest.raises(client.ApiException) as refused:
        apps.replace_namespaced_deployment_scale("api", "default", scale)
    assert refused.value.status == 409
    assert apps.read_namespaced_deployment("api", "default").spec.replicas == 4


def test_a_watch_tells_each_change_once(kube: Kube, api: Any) -> None:
    """First what there is, then what becomes of it, in order; a stopped watch leaves nothing behind."""
    seen: list[tuple[str, str]] = []
    watching = watch.Watch()

    def follow() -> None:
        pods = client.CoreV1Api(api).list_namespaced_pod
        for event in watching.stream(pods, "default", label_selector="app=api", timeout_seconds=60):
            seen.append((event["type"], event["object"].metadata.name))
            if event["type"] == "DELETED":
                watching.stop()

    first = kube.pods()
    thread = threading.Thread(target=follow)
    thread.start()
    until(lambda: len(seen) >= 2 or None, what="what there is", timeout_s=20)
    assert {("ADDED", name) for name in first} == set(seen[:2])
    gone = min(first)
    client.CoreV1Api(api).delete_namespaced_pod(gone, "default")
    thread.join(timeout=60)
    assert seen[-1] == ("DELETED", gone)
    assert len([name for type_, name in seen if type_ == "ADDED"]) == 3
    assert seen.index(("MODIFIED", gone)) < seen.index(("DELETED", gone))
    until(lambda: kube.side.objects.watchers == 0 or None, what="no watcher is left", timeout_s=20)


def test_exec_streams_both_ways(kube: Kube, api: Any) -> None:
    """Input, output, errors and the exit code."""
    pods = client.CoreV1Api(api)
    socket = stream(
        pods.connect_get_namespaced_pod_exec,
        "redis-0",
        "default",
        command=["sh", "-c", SHELL],
        stdin=True,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
    )
    socket.write_stdin("hello\n")
    socket.run_forever(timeout=30)
    assert socket.read_stdout().strip() == "got hello"
    assert socket.read_stderr().strip() == "trouble"
    assert socket.returncode == 3
    socket.sock.shutdown()  # close() leaves a socket open whose other side was the first to say goodbye
