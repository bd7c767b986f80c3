"""Clients that follow changes while the referee is begun anew: none of them keeps what is no longer there."""

import ssl

import httpx
import pytest
from kubernetes import client, watch

from faults.wait import until
from tests.kubectl.cluster import Kube
from tests.kubectl.side import TOKEN

pytestmark = pytest.mark.docker

PODS = "/api/v1/namespaces/default/pods"


def test_a_version_from_before_a_restart_has_expired(kube: Kube) -> None:
    """So whoever followed from it lists again: what left meanwhile is told to nobody."""
    before = kube("get", "pods", "-o", "json").json()["items"][0]["metadata"]["resourceVersion"]
    kube.side.restart()
    with httpx.Client(
        base_url=f"https://127.0.0.1:{kube.side.port}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        verify=ssl.create_default_context(cafile=kube.side.tls / "cert.pem"),
    ) as http:
        answer = http.get(PODS, params={"watch": "true", "resourceVersion": before, "timeoutSeconds": "20"})
    (line,) = answer.text.splitlines()
    assert '"code":410' in line, line
    kube.settled()


def test_a_wait_goes_on_after_a_restart_and_a_watch_ends(kube: Kube) -> None:
    """`wait` sees that the pod is gone; `get -w` ends with its connection, and begun again it is right."""
    gone = min(kube.pods())
    for words in (f"wait --for=delete pod/{gone} --timeout=90s", "get pods -w"):
        log = words.split()[0]
        kube.shell(f"(kubectl {words}; echo ended $?) > /tmp/{log} 2>&1 & sleep 1")
    kube.ok("delete", "pod", gone, "--wait=false")
    kube.side.restart()
    until(
        lambda: kube.shell("cat /tmp/wait /tmp/get").out.count("ended") == 2 or None,
        what="both ended",
        timeout_s=100,
    )
    assert "ended 0" in kube.shell("cat /tmp/wait").out
    assert gone not in kube.ok("get", "pods")
    kube.settled()


def test_the_python_client_is_told_that_it_must_list_again(kube: Kube) -> None:
    """410 where it follows from a version that it had before: then it lists, as on any cluster."""
    configuration = client.Configuration(
        host=f"https://127.0.0.1:{kube.side.port}",
        api_key={"authorization": TOKEN},
        api_key_prefix={"authorization": "Bearer"},
    )
    configuration.ssl_ca_cert = str(kube.side.tls / "cert.pem")
    with client.ApiClient(configuration) as api:
        pods = client.CoreV1Api(api).list_namespaced_pod
        version = pods("default").metadata.resource_version
        kube.side.restart()
        with pytest.raises(client.ApiException) as told:
            next(watch.Watch().stream(pods, "default", resource_version=version, timeout_seconds=20))
        assert told.value.status == 410
        assert {pod.metadata.name for pod in pods("default", label_selector="app=api").items} >= kube.pods()
        api.rest_client.pool_manager.clear()
    kube.settled()
