"""What kubectl shows."""

import re

import pytest

from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker


def test_get_in_all_its_forms(kube: Kube) -> None:
    """Tables, wide, JSON, YAML, paths, names, labels, all, selectors."""
    table = kube.ok("get", "pods")
    assert re.search(r"NAME +READY +STATUS +RESTARTS +AGE", table)
    assert len(re.findall(r"^api-\w+-\w+ +1/1 +Running +0 ", table, re.MULTILINE)) == 2
    assert re.search(r"^redis-0 +1/1 +Running", table, re.MULTILINE)
    assert "IP " in kube.ok("get", "pods", "-o", "wide")
    deployment = kube("get", "deploy", "api", "-o", "json").json()
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "shop/api:1.0"
    assert deployment["status"]["readyReplicas"] == 2
    assert "kind: Deployment" in kube.ok("get", "deployment/api", "-o", "yaml")
    assert kube.ok("get", "deploy", "api", "-o", "jsonpath={.status.availableReplicas}") == "2"
    assert kube.ok("get", "deploy", "-o", "name").strip() == "deployment.apps/api"
    everything = kube.ok("get", "all")
    for name in (
        "pod/redis-0",
        "service/api",
        "deployment.apps/api",
        "replicaset.apps/api-",
        "statefulset.apps/redis",
    ):
        assert name in everything
    assert kube.ok("get", "po", "-l", "app=redis", "-o", "name").split() == ["pod/redis-0"]
    assert "app=api" in kube.ok("get", "pods", "--show-labels")
    assert (
        kube.ok("get", "pods", "--field-selector", "metadata.name=redis-0", "-o", "name").strip()
        == "pod/redis-0"
    )
    assert kube.ok("get", "pods", "-A", "--sort-by=.metadata.name").startswith("NAMESPACE")
    assert kube.ok("get", "cm,secret,svc,no,ns,rs,sts,ev")


def test_describe_tells_the_story(kube: Kube) -> None:
    """Conditions, images, probes, events of this object alone."""
    text = kube.ok("describe", "deployment", "api")
    assert "NewReplicaSetAvailable" in text
    assert "ScalingReplicaSet" in text
    pod = min(kube.pods())
    text = kube.ok("describe", "pod", pod)
    assert re.search(r"Image: +shop/api:1.0", text)
    assert "Readiness:" in text
    assert "Started container api" in text
    assert "minor version upgrade" not in text
    assert "minor version upgrade within 8" in kube.ok("describe", "statefulset", "redis")
    assert kube.ok("describe", "service", "api")
    assert "default" not in kube.ok("describe", "node", "lab").split("Roles")[0]


def test_what_changed_lately(kube: Kube) -> None:
    """Events, and a history with causes."""
    assert "minor version upgrade within 8" in kube.ok("get", "events")
    assert "Scaled up replica set" in kube.ok("events", "--for", "deployment/api")
    history = kube.ok("rollout", "history", "deployment/api")
    assert re.search(r"^1 +release 1\.0$", history, re.MULTILINE)
    assert "shop/api:1.0" in kube.ok("rollout", "history", "deployment/api", "--revision=1")


def test_top_shows_use(kube: Kube) -> None:
    """Of pods and of the node."""
    assert re.search(r"^redis-0 +\d+m +\d+Mi", kube.ok("top", "pods"), re.MULTILINE)
    assert re.search(r"^lab +\d+m", kube.ok("top", "nodes"), re.MULTILINE)


def test_what_the_trainee_may_do(kube: Kube) -> None:
    """Asked of the server, and the server keeps to it."""
    assert kube.ok("auth", "can-i", "patch", "deployments").strip() == "yes"
    assert kube("auth", "can-i", "create", "secrets").out.strip().startswith("no")
    assert kube("auth", "can-i", "create", "secrets").code == 1
    assert "deployments.apps" in kube.ok("auth", "can-i", "--list")
    assert "trainee" in kube.ok("auth", "whoami")
    refused = kube("delete", "service", "api")
    assert refused.code == 1
    assert 'User "trainee" cannot delete resource "services"' in refused.out
    assert "data" not in kube("get", "secret", "api", "-o", "json").json()


def test_unknown_things_are_404(kube: Kube) -> None:
    """As Kubernetes says it."""
    assert 'deployments.apps "apo" not found' in kube("get", "deploy", "apo").out
    assert "doesn't have a resource type" in kube("get", "ingressroutes").out
    assert "not found" in kube("logs", "nobody").out
    assert kube("get", "--raw", "/apis/batch/v1/jobs").code == 1


def test_a_wrong_token_is_refused(kube: Kube) -> None:
    """With a 403 that says so."""
    refused = kube("get", "pods", "--token=wrong")
    assert refused.code == 1
    assert "Forbidden" in refused.out


def test_a_watch_shows_each_change(kube: Kube) -> None:
    """From the state now on, and it ends when the client does."""
    watch = "timeout 60 kubectl get {0} -w > /tmp/{0} & "
    kube.shell(watch.format("pods") + watch.format("deployments") + "sleep 2")
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.settled()
    seen = kube.shell("sleep 1; cat /tmp/pods").out
    assert len(set(re.findall(r"^(api-\S+)", seen, re.MULTILINE))) == 3
    assert re.search(r"^api-\S+ +0/1", seen, re.MULTILINE)
    assert "2/3" in kube.shell("cat /tmp/deployments").out
    assert "3/3" in kube.shell("cat /tmp/deployments").out
