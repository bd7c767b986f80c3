"""The label that says a pod's release: it follows from the image, and is nobody's to set."""

from dataclasses import replace
from typing import Any

import pytest

from lab.kube.errors import ApiError
from lab.referee.cluster.admit import Change, deployment_change
from lab.referee.cluster.deployviews import deployment_view, replica_set_views
from lab.referee.cluster.podviews import pod_view
from lab.referee.cluster.progress import progress
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.template import pod_labels, template_hash, template_of, with_release
from tests.unit.calling import as_called

TEMPLATE = template_of("api", "1.0", labels={})
WANT = Deployment(
    name="api",
    uid="u",
    created_t=0.0,
    replicas=2,
    template=TEMPLATE,
    selector={"app": "api"},
    labels={"app": "api"},
    revisions=(Revision(number=1, template=TEMPLATE, cause="", by="", t=0.0),),
)
NEXT = WANT.changed(template=with_release(TEMPLATE, "2.0"), cause="", by="", t=1.0)


def shown(want: Deployment) -> dict[str, Any]:
    """A deployment as an object."""
    return deployment_view(want, [], progress(None, want, [], now_t=1.0))


def labelled(want: Deployment, command: str, **labels: str) -> Change | None:
    """What it means to give a deployment these labels."""
    old = shown(want)
    new = {**old, "metadata": {**old["metadata"], "labels": {**old["metadata"]["labels"], **labels}}}
    return deployment_change(as_called(command), want, old, new, {})


def test_each_object_shows_its_own_release_and_no_hash_knows_of_it() -> None:
    old = Pod(name="a", deployment="api", hash=WANT.hash, release="1.0", revision=1)
    old = replace(old, labels=pod_labels(TEMPLATE))
    view = pod_view(old, NEXT, NEXT.revisions[0], back_off_s=0.0)
    assert view["metadata"]["labels"] == {"app": "api", "release": "1.0", "pod-template-hash": WANT.hash}
    assert shown(NEXT)["metadata"]["labels"] == {"app": "api", "release": "2.0"}
    sets = replica_set_views(NEXT, [])
    assert [one["metadata"]["labels"]["release"] for one in sets] == ["1.0", "2.0"]
    assert "release" not in str([one["spec"]["selector"] for one in sets])
    assert shown(NEXT)["spec"]["template"] == NEXT.template
    assert template_hash(shown(NEXT)["spec"]["template"]) == NEXT.hash


def test_an_object_that_comes_back_with_an_older_release_is_no_change() -> None:
    for release in ("1.0", "2.0", "9"):
        assert labelled(NEXT, "kubectl apply", release=release) is None


def test_a_release_said_by_label_is_refused_and_other_labels_are_not() -> None:
    with pytest.raises(ApiError, match="follows the tag of the image"):
        labelled(NEXT, "kubectl label", release="1.0")
    change = labelled(NEXT, "kubectl label", team="web")
    assert change is not None
    assert change.fields == {"labels": {"app": "api", "team": "web"}}


def test_a_templates_own_label_of_that_name_is_its_pods() -> None:
    own = template_of("api", "1.0", labels={"release": "stable"})
    assert pod_labels(own)["release"] == "stable"
