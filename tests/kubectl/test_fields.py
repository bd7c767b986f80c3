"""What kubectl may change of an object: what it printed goes back, what would do nothing is refused."""

import pytest

from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker


def test_what_was_printed_can_be_applied_replaced_and_edited(kube: Kube) -> None:
    """And changes nothing that runs."""
    pods = kube.pods()
    for thing in ("deployment/api", "service/api", "configmap/api"):
        printed = kube.ok("get", thing, "-o", "yaml")
        kube.ok("replace", "-f", "-", stdin=printed)
        kube.ok("apply", "-f", "-", stdin=printed)
        kube.shell(f"KUBE_EDITOR=true kubectl edit {thing}")
    kube.settled()
    assert kube.pods() == pods


def test_what_would_do_nothing_is_refused_and_what_is_labelled_stays_labelled(kube: Kube) -> None:
    """With the field; a pod's labels are its deployment's."""
    pod = min(kube.pods())
    for words, field in (
        (("patch", "deploy", "api", "-p", '{"spec":{"strategy":{"type":"Recreate"}}}'), "spec.strategy.type"),
        (("patch", "svc", "api", "-p", '{"spec":{"type":"NodePort"}}'), "spec.type"),
        (("label", "pod", pod, "team=web"), "metadata.labels"),
        (("set", "image", f"pod/{pod}", "api=shop/api:2.0"), "spec.containers[0].image"),
    ):
        said = kube(*words)
        assert (said.code, "forbidden" in said.out, field in said.out) == (1, True, True), said.out
    for thing in (f"pod/{pod}", "service/api", "configmap/api"):
        kube.ok("annotate", thing, "team=web")
        assert kube.ok("get", thing, "-o", "jsonpath={.metadata.annotations.team}") == "web"
        kube.ok("annotate", thing, "team-")
    kube.ok("label", "service/api", "team=web")
    assert "service/api" in kube.ok("get", "service", "-l", "team=web", "-o", "name")
    kube.ok("label", "service/api", "team-")


def test_a_diff_shows_what_would_change(kube: Kube) -> None:
    """By a dry run of the server's, which changes nothing."""
    printed = kube.ok("get", "deployment/api", "-o", "yaml")
    changed = printed.replace("image: shop/api:1.0", "image: shop/api:2.0")
    said = kube("diff", "-f", "-", stdin=changed)
    assert said.code == 1, said.out
    assert "+" in said.out
    assert "shop/api:2.0" in said.out
    words = ("set", "image", "deployment/api", "api=shop/api:2.0", "--dry-run=server", "-o", "yaml")
    assert "image: shop/api:2.0" in kube.ok(*words)
    assert kube.diary.acts == []
