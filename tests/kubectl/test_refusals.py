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
