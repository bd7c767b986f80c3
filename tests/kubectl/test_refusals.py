"""What kubectl is refused, and why: each with a sentence of its own, and nothing is done."""

import pytest

from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n"


@pytest.mark.parametrize(
    ("words", "verb", "resource"),
    [
        (("create", "configmap", "more"), "create", "configmaps"),
        (("create", "secret", "generic", "more"), "create", "secrets"),
        (("run", "more", "--image=shop/api:1.0"), "create", "pods"),
        (("expose", "deployment", "api", "--port=80", "--name=more"), "create", "services"),
        (("create", "namespace", "more"), "create", "namespaces"),
        (("cordon", "lab"), "patch", "nodes"),
        (("taint", "node", "lab", "a=b:NoSchedule"), "patch", "nodes"),
        (("label", "rs", "--all", "a=b"), "patch", "replicasets.apps"),
        (("apply", "-f", "-"), "create", "configmaps"),
    ],
)
def test_what_the_role_does_not_have_is_forbidden(
    kube: Kube, words: tuple[str, ...], verb: str, resource: str
) -> None:
    """As Kubernetes says it, and as `auth can-i` says it."""
    said = kube(*words, stdin=MAP if words[0] == "apply" else "").out  # cordon says so, and ends with 0
    plural, _, group = resource.partition(".")
    assert f'User "trainee" cannot {verb} resource "{plural}" in API group "{group}"' in said
    assert kube("auth", "can-i", verb, resource).out.strip().splitlines()[-1].startswith("no")
    assert kube.diary.acts == []


def test_another_namespace_is_empty_and_nothing_there_is_here(kube: Kube) -> None:
    """Lists say so; what is deleted or changed there was never there."""
    pods = kube.pods()
    assert "No resources found in other namespace" in kube.ok("-n", "other", "get", "pods")
    for words in (
        ("delete", "pod", min(pods)),
        ("scale", "deployment/api", "--replicas=0"),
        ("patch", "deploy", "api", "-p", '{"spec":{"replicas":0}}'),
        ("exec", min(pods), "--", "true"),
        ("create", "deployment", "more", "--image=shop/api:1.0"),
    ):
        said = kube("-n", "other", *words)
        assert (said.code, "not found" in said.out) == (1, True), said.out  # the object, or the namespace
    assert pods <= set(kube.ok("get", "pods", "-A", "-o", "jsonpath={.items[*].metadata.name}").split())
    assert (kube.pods(), kube.diary.acts) == (pods, [])
