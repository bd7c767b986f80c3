"""Objects that are written with kubectl: patched, edited, labelled, applied, and waited for."""

import json
import shlex

import pytest

from faults.wait import until
from tests.kubectl.cluster import GREEN, Kube, Said

pytestmark = pytest.mark.docker


def test_each_type_of_patch_changes_what_it_says(kube: Kube) -> None:
    """A strategic one merges lists by name, a merge replaces them, a JSON one does as told; null removes."""
    kube.ok("rollout", "pause", "deployment/api")
    names, image = (f".spec.template.spec.containers[0].{one}" for one in ("env[*].name", "image"))

    def patch(kind: str, body: object) -> None:
        kube.ok("patch", "deployment", "api", f"--type={kind}", "-p", json.dumps(body))

    def with_env(**container: object) -> dict[str, object]:
        return {"spec": {"template": {"spec": {"containers": [{"name": "api", **container}]}}}}

    patch("strategic", with_env(env=[{"name": "DB_THREADS", "value": "7"}]))
    patch("strategic", with_env(env=[{"name": "DB_POOL_SIZE", "value": "8"}]))
    assert set(kube.of_api(names).split()) == {"DB_THREADS", "DB_POOL_SIZE"}
    patch("strategic", with_env(env=[{"name": "DB_THREADS", "$patch": "delete"}]))
    assert (kube.of_api(names), kube.of_api(image)) == ("DB_POOL_SIZE", "shop/api:1.0")
    one = json.loads(kube.ok("get", "deployment", "api", "-o", "json"))["spec"]["template"]["spec"]
    del one["containers"][0]["env"]
    patch("merge", {"metadata": {"labels": {"team": "web"}}, "spec": {"template": {"spec": one}}})
    assert (kube.of_api(names), kube.of_api(".metadata.labels.team")) == ("", "web")
    patch("merge", {"metadata": {"labels": {"team": None}}, "spec": {"replicas": 1}})
    assert (kube.of_api(".metadata.labels.team"), kube.of_api(".spec.replicas")) == ("", "1")
    two = {"op": "replace", "path": "/spec/replicas", "value": 2}
    patch("json", [{"op": "test", "path": "/spec/replicas", "value": 1}, two])
    assert kube.of_api(".spec.replicas") == "2"


def test_an_edit_is_done_as_the_editor_leaves_it(kube: Kube) -> None:
    """Saved, it changes the object; left as it was, or wrong, it changes nothing and says so."""

    def edit(editor: str) -> Said:
        return kube.shell(f"KUBE_EDITOR={shlex.quote(editor)} timeout 30 kubectl edit deployment/api")

    assert edit("sed -i 's/replicas: 2/replicas: 3/'").code == 0
    assert kube.of_api(".spec.replicas") == "3"
    left = edit("true")
    assert (left.code, left.out.strip()) == (0, "Edit cancelled, no changes made.")
    wrong = edit("sed -i 's/replicas: 3/replicsa: 2/'")
    assert wrong.code == 1
    assert 'unknown field "spec.replicsa"' in wrong.out
    assert edit("false").code == 1
    assert kube.of_api(".spec.replicas") == "3"
    assert [verb for verb, *_ in kube.diary.acts] == ["scale"]


def test_labels_and_annotations_are_put_on_and_taken_off(kube: Kube) -> None:
    """Each is there afterwards, is not overwritten unasked, and is gone when it is taken off."""
    things = ("deployment/api", "statefulset/redis")

    def noted(of: str) -> list[str]:
        return kube.ok("get", *things, "-o", f"jsonpath={{.items[*].metadata.{of}.team}}").split()

    for verb, of in (("label", "labels"), ("annotate", "annotations")):
        kube.ok(verb, *things, "team=web")
        assert kube(verb, *things, "team=shop").code == 1
        assert noted(of) == ["web", "web"]
        kube.ok(verb, *things, "team=shop", "--overwrite")
        assert noted(of) == ["shop", "shop"]
        kube.ok(verb, *things, "team-")
        assert noted(of) == []


def test_a_deployment_is_applied_and_deleted(kube: Kube) -> None:
    """Created, changed, left alone; deleted, its pods go and no others; a deleted pod is replaced."""
    assert "created" in kube.ok("apply", "-f", "-", stdin=GREEN)
    kube.ok("rollout", "status", "deployment/api-green", "--timeout=60s")
    smaller = GREEN.replace("replicas: 2", "replicas: 1")
    assert "configured" in kube.ok("apply", "-f", "-", stdin=smaller)
    assert kube.ok("get", "deployment", "api-green", "-o", "jsonpath={.spec.replicas}") == "1"
    assert "unchanged" in kube.ok("apply", "-f", "-", stdin=smaller)
    before = {name for name in kube.pods() if not name.startswith("api-green")}
    kube.ok("delete", "deployment", "api-green")
    until(lambda: "api-green" not in kube.ok("get", "pods") or None, what="green is gone", timeout_s=30)
    assert kube.pods() == before
    gone = min(before)
    kube.ok("delete", "pod", gone)
    kube.settled()
    assert gone not in kube.pods()
    assert len(kube.pods()) == 2


def test_what_was_read_of_a_deployment_makes_it_again(kube: Kube) -> None:
    """Deleted and applied at once, as it was: with pods of its own, none of those before."""
    before = kube.pods()
    read = kube.ok("get", "deployment", "api", "-o", "yaml")
    kube.ok("delete", "deployment", "api")
    assert "created" in kube.ok("apply", "-f", "-", stdin=read)
    kube.settled()
    assert len(kube.pods() - before) == 2
    until(lambda: kube.pods().isdisjoint(before) or None, what="the pods before are gone", timeout_s=30)
    assert kube.shop.get() in kube.pods()


def test_a_wait_ends_when_it_is_so_and_fails_when_it_is_not(kube: Kube) -> None:
    """For conditions of deployments and of pods, and for a value; what never comes is a time-out."""
    kube.ok("apply", "-f", "-", stdin=GREEN.replace("shop/api:2.0", "shop/api:9.9"))
    until(
        lambda: kube.ok("get", "pods", "-l", "track=green", "-o", "name") or None,
        what="its pod",
        timeout_s=30,
    )
    in_vain = (
        "--for=condition=Available deployment/api-green",
        "--for=condition=Ready pod -l track=green",
        "--for=jsonpath={.status.readyReplicas}=2 deployment/api-green",
    )
    at_once = "".join(f"(kubectl wait {one} --timeout=1s 2>&1; echo ended $?) & " for one in in_vain)
    said = kube.shell(f"{at_once} wait").out.splitlines()
    assert not any("condition met" in line for line in said), said
    assert said.count("ended 1") == len(in_vain)
    for thing in ("deployments/api-green", "pods/api-green"):
        assert any(f"timed out waiting for the condition on {thing}" in line for line in said), said
    wait = "kubectl wait --for=condition=Available deployment/api-green --timeout=60s"
    kube.shell(f"({wait}; echo ended $?) > /tmp/waited 2>&1 &")
    until(lambda: kube.side.objects.watchers or None, what="it waits", timeout_s=30)
    assert "ended" not in kube.shell("cat /tmp/waited").out
    kube.ok("set", "image", "deployment/api-green", "api=shop/api:2.0")
    until(lambda: "ended" in kube.shell("cat /tmp/waited").out or None, what="it ended", timeout_s=70)
    assert kube.shell("cat /tmp/waited").out == "deployment.apps/api-green condition met\nended 0\n"
    kube.ok("wait", "--for=jsonpath={.status.readyReplicas}=2", "deployment/api-green", "--timeout=60s")
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.ok("wait", "--for=jsonpath={.status.readyReplicas}=3", "deployment/api", "--timeout=60s")
    ready = kube.ok("wait", "--for=condition=Ready", "pod", "-l", "app=api,track!=green", "--timeout=60s")
    assert set(ready.splitlines()) == {
        f"pod/{name} condition met" for name in kube.pods() if not name.startswith("api-green")
    }
