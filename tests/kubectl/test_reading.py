"""What kubectl shows."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from faults.wait import until
from lab.stack import kubeconfig
from tests.kubectl.cluster import Kube
from tests.kubectl.side import TOKEN
from tests.states import a_state

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
    node = kube.ok("describe", "node", "lab")
    assert re.search(r"^ +cpu: +2$", node, re.MULTILINE)
    assert re.search(r"^ +Ready +True ", node, re.MULTILINE)
    assert all(re.search(rf"^ +default +{name} ", node, re.MULTILINE) for name in {*kube.pods(), "redis-0"})
    assert re.search(r"^Events: +<none>$", node, re.MULTILINE)


def test_describe_tells_of_what_belongs_to_a_deployment(kube: Kube) -> None:
    """Its replica set, its service, its settings with their values, and its secret without any."""
    (name,) = kube.ok("get", "rs", "-o", "name").split()
    set_ = kube.ok("describe", name)
    assert re.search(r"^Controlled By: +Deployment/api$", set_, re.MULTILINE)
    assert re.search(r"^Replicas: +2 current / 2 desired$", set_, re.MULTILINE)
    assert re.search(r"^ +Image: +shop/api:1\.0$", set_, re.MULTILINE)
    service = kube.ok("describe", "service", "api")
    assert re.search(r"^Selector: +app=api$", service, re.MULTILINE)
    assert re.search(r"^Port: +<unset> +8080/TCP$", service, re.MULTILINE)
    assert "READY_AFTER_S:\n----\n0.5\n" in kube.ok("describe", "configmap", "api")
    head, data = kube.ok("describe", "secret", "api").split("Data\n====\n")
    assert re.search(r"^Type: +Opaque$", head, re.MULTILINE)
    assert re.fullmatch(r"(\S+: +\d+ bytes\n)*", data.lstrip("\n"))


def test_what_changed_lately(kube: Kube) -> None:
    """Events, and a history with causes."""
    assert "minor version upgrade within 8" in kube.ok("get", "events")
    _, *of_one = kube.ok("events", "--for", "deployment/api").splitlines()
    assert any("Scaled up replica set" in line for line in of_one)
    assert all(" Deployment/api " in line for line in of_one)
    history = kube.ok("rollout", "history", "deployment/api")
    assert re.search(r"^1 +release 1\.0$", history, re.MULTILINE)
    assert "shop/api:1.0" in kube.ok("rollout", "history", "deployment/api", "--revision=1")


def test_top_shows_use(kube: Kube) -> None:
    """Of pods and of the node: all of them, those with a label, the one that is named."""

    def used(*words: str) -> set[str]:
        _, *rows = kube.ok("top", *words).splitlines()
        assert all(re.fullmatch(r"\S+ +\d+m +(\d+% +)?\d+Mi( +\d+%)? *", row) for row in rows), rows
        return {row.split()[0] for row in rows}

    assert used("pods") == {*kube.pods(), "redis-0"}
    assert used("pods", "-l", "app=redis") == used("pod", "redis-0") == {"redis-0"}
    assert used("nodes") == used("node", "lab") == {"lab"}
    assert '"nobody" not found' in kube("top", "pod", "nobody").out


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


def watched(kube: Kube, what: str) -> list[list[str]]:
    """The rows that a watch has shown so far, by words."""
    return [line.split() for line in kube.shell(f"cat /tmp/watch-{what}").out.splitlines()]


def test_watches_show_each_change(kube: Kube) -> None:
    """Of one object, of those with a label, in every form, until it is gone; they end as the client does."""
    first = kube.pods()
    gone = min(first)
    watches = {
        "one": f"get pod {gone} -w --output-watch-events",
        "labelled": "get pods -l app=api -w --output-watch-events",
        "others": "get pods -l app=redis -w --output-watch-events",
        "names": "get pods -w -o name",
        "deployments": "get deployments -w",
        "ready": r"""get deployment api -w -o jsonpath='{.status.readyReplicas}{"\n"}'""",
        "events": "events -w",
        "of-deployment": "events --for deployment/api -w",
    }
    kube.shell("rm -f /tmp/watchers")
    for what, words in watches.items():
        kube.shell(f"kubectl {words} > /tmp/watch-{what} 2>&1 & echo $! >> /tmp/watchers")

    def followed_by(count: int) -> None:
        until(lambda: kube.side.objects.watchers == count or None, what=f"{count} watches", timeout_s=60)

    followed_by(len(watches))
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.settled()
    kube.ok("delete", "pod", gone)
    kube.settled()
    last = kube.pods()

    def rows_of(name: str) -> list[list[str]]:
        return [row for row in watched(kube, "labelled") if row[1] == name]

    def all_shown() -> bool | None:
        shown = [rows_of(gone)[-1][0] == "DELETED", *(rows_of(name)[-1][2] == "1/1" for name in last)]
        return (all(shown) and ["3/3"] in [row[1:2] for row in watched(kube, "deployments")[-1:]]) or None

    until(all_shown, what="the watches have shown what became of it", timeout_s=30, ignore=(IndexError,))
    _, *of_one = watched(kube, "one")
    assert {row[1] for row in of_one} == {gone}
    assert (of_one[0][0], of_one[-1][0]) == ("ADDED", "DELETED")
    assert "Terminating" in [row[3] for row in of_one]
    _, *labelled = watched(kube, "labelled")
    assert {row[1] for row in labelled} == first | last
    assert all((rows_of(one)[0][0], rows_of(one)[0][2]) == ("ADDED", "0/1") for one in last - first)
    assert {row[1] for row in watched(kube, "others")[1:]} == {"redis-0"}
    assert {row[0] for row in watched(kube, "names")} == {f"pod/{one}" for one in {*first, *last, "redis-0"}}
    assert {"2/2", "2/3", "3/3"} <= {row[1] for row in watched(kube, "deployments")}
    ready = [row[0] for row in watched(kube, "ready")]
    assert (ready[0], ready[-1]) == ("2", "3")
    assert any({"Killing", f"Pod/{gone}"} <= set(row) for row in watched(kube, "events"))
    _, *of_deployment = kube.shell("cat /tmp/watch-of-deployment").out.splitlines()
    assert all(" Deployment/api " in line for line in of_deployment)
    assert any(line.endswith("from 2 to 3") for line in of_deployment)
    assert kube.shell("kill $(cat /tmp/watchers)").code == 0, "a watch ended by itself"
    followed_by(0)


def test_the_file_that_the_host_is_given_reaches_the_lab(
    kube: Kube, engine: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client reads it where it lies, trusts its certificate, and is the trainee."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    ports = {"referee": kube.side.port}
    state = replace(a_state("mine"), ports=ports, secrets={"TRAINEE_TOKEN": TOKEN})
    shutil.copytree(kube.side.tls, state.tls_dir)
    kubeconfig.write(state)

    def on_host(*words: str) -> str:
        """Run kubectl with that file, as its owner, where it and the certificate are as on the host."""
        said = engine.containers.run(
            kube.toolbox.image,
            ["kubectl", f"--kubeconfig={state.folder}/kubeconfig", *words],
            remove=True,
            user=str(os.getuid()),
            labels={"dev.sev0.lab": kube.shop.lab},
            network_mode="host",
            volumes={str(state.folder): {"bind": str(state.folder), "mode": "ro"}},
        )
        return bytes(said).decode()

    assert on_host("config", "current-context").strip() == "mine"
    assert "trainee" in on_host("auth", "whoami")
    assert set(on_host("get", "pods", "-l", "app=api", "-o", "name").split()) == {
        f"pod/{name}" for name in kube.pods()
    }
