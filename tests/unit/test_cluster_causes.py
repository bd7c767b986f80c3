"""A change's cause: what somebody says of it is the revision's, and stays."""

from pathlib import Path
from typing import Any

from lab.referee.cluster.admit import Change, deployment_change
from lab.referee.cluster.deployviews import CAUSE, deployment_view, replica_set_views
from lab.referee.cluster.progress import progress
from lab.referee.pods.model import Deployment
from lab.referee.pods.store import Store
from lab.referee.pods.template import with_release
from lab.referee.pods.wanted import Wanted
from tests.unit.calling import as_called


def wanted_of(folder: Path) -> Wanted:
    """One deployment of 1.0, from what is on disk."""
    wanted = Wanted(Store(folder / "wanted.json"), releases=("1.0", "2.0"), now=lambda: 100.0)
    wanted.ensure("api", release="1.0", replicas=2)
    return wanted


def shown(want: Deployment) -> dict[str, Any]:
    """A deployment as an object."""
    return deployment_view(want, [], progress(None, want, [], now_t=100.0))


def said(want: Deployment, cause: str | None, **spec: object) -> Change | None:
    """What an object with another cause, or none, means; *spec*: what else is asked for."""
    old = shown(want)
    annotations = {**old["metadata"]["annotations"], CAUSE: cause}
    kept = {key: value for key, value in annotations.items() if value is not None}
    new = {**old, "metadata": {**old["metadata"], "annotations": kept}, "spec": {**old["spec"], **spec}}
    return deployment_change(as_called("kubectl annotate"), want, old, new, {})


def change(wanted: Wanted, cause: str | None, **spec: object) -> Change:
    """Admit it, and want it."""
    admitted = said(wanted.deployment("api"), cause, **spec)
    assert admitted is not None
    wanted.change("api", cause=admitted.cause, by="trainee", **admitted.fields)
    return admitted


def test_a_cause_alone_is_put_on_the_last_revision_and_kept(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path)
    wanted.roll_out("api", release="2.0", cause="new")
    assert [act.verb for act in change(wanted, "2.0: offers").acts] == ["annotate"]
    want = wanted_of(tmp_path).deployment("api")
    assert [one.cause for one in want.revisions] == ["release 1.0", "2.0: offers"]
    shown = [one["metadata"]["annotations"][CAUSE] for one in replica_set_views(want, [])]
    assert shown == ["release 1.0", "2.0: offers"]
    assert (want.generation, said(want, "2.0: offers")) == (2, None)


def test_a_cause_that_comes_with_something_else_is_kept_as_well(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path)
    assert [act.verb for act in change(wanted, "sale", replicas=3).acts] == ["scale", "annotate"]
    assert wanted.deployment("api").current.cause == "sale"
    change(wanted, "new", template=with_release(wanted.deployment("api").template, "2.0"))
    change(wanted, "and back", template=with_release(wanted.deployment("api").template, "1.0"))
    assert [one.cause for one in wanted.deployment("api").revisions] == ["new", "and back"]


def test_a_cause_can_be_taken_away(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path)
    change(wanted, None)
    assert CAUSE not in shown(wanted.deployment("api"))["metadata"]["annotations"]


def test_what_is_said_of_a_paused_deployment_is_of_the_revision_to_come(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path)
    wanted.change("api", cause="", by="trainee", paused=True)
    wanted.roll_out("api", release="2.0", cause="new")
    change(wanted, "why it will be")
    assert wanted.deployment("api").current.cause == "release 1.0"
    wanted.change("api", cause="resume", by="trainee", paused=False)
    assert wanted.deployment("api").current.cause == "why it will be"


def test_what_was_said_of_a_revision_that_did_not_come_is_dropped(tmp_path: Path) -> None:
    wanted = wanted_of(tmp_path)
    wanted.change("api", cause="", by="trainee", paused=True)
    wanted.roll_out("api", release="2.0", cause="new")
    change(wanted, "why it will be")
    assert wanted.roll_out("api", release="1.0", cause="never mind") == 1
    assert wanted.deployment("api").cause == "release 1.0"
