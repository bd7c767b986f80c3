"""The conditions of a deployment, from what is wanted, what was seen before, and its pods."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lab.kube.ages import unix
from lab.referee.cluster.deployviews import deployment_view
from lab.referee.cluster.progress import Progress, progress
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.template import template_of, with_release

TEMPLATE = template_of("api", "1.0", labels={})
WANT = Deployment(
    name="api",
    uid="u",
    created_t=1000.0,
    replicas=2,
    template=TEMPLATE,
    selector={"app": "api"},
    revisions=(Revision(number=1, template=TEMPLATE, cause="", by="", t=1000.0),),
)
NEXT = WANT.changed(template=with_release(TEMPLATE, "2.0"), cause="", by="", t=2000.0)


def pod(name: str, want: Deployment = WANT, **more: Any) -> Pod:
    """A pod of what is wanted, ready if nothing else is said."""
    given = {"ready": True, **more}
    return Pod(name=name, deployment="api", hash=want.hash, release="", revision=1, **given)


A, B = pod("a"), pod("b")
C, D = pod("c", NEXT), pod("d", NEXT)
Step = tuple[float, Deployment, Sequence[Pod]]


def seen(*steps: Step) -> tuple[Progress, dict[str, dict[str, Any]]]:
    """What is known after looks at certain times, and the conditions then, by type."""
    found = None
    for now_t, want, pods in steps:
        found = progress(found, want, pods, now_t=now_t)
    assert found is not None
    view = deployment_view(steps[-1][1], steps[-1][2], found)
    return found, {one["type"]: one for one in view["status"]["conditions"]}


def reason(*steps: Step) -> str:
    """Why it is progressing, or not."""
    return str(seen(*steps)[1]["Progressing"]["reason"])


DONE = (1010.0, WANT, [A, B])
LATE_T = 1000.0 + 660


def test_a_revision_that_was_complete_once_never_misses_its_deadline() -> None:
    sick = replace(B, ready=False)
    for want, pods in (
        (replace(WANT, replicas=3), [A, B]),
        (WANT, [A, sick]),
        (WANT, [A]),
        (WANT, [A, B, pod("x", leaving=True)]),
    ):
        assert reason(DONE, (LATE_T, want, pods)) == "NewReplicaSetAvailable"


def test_a_revision_that_never_was_misses_it_and_can_still_be_complete_later() -> None:
    stuck = [A, B, replace(C, ready=False)]
    begun = (2005.0, NEXT, stuck)
    assert reason(DONE, begun, (2600.0, NEXT, stuck)) == "ReplicaSetUpdated"
    late = (2606.0, NEXT, stuck)
    assert reason(DONE, begun, late) == "ProgressDeadlineExceeded"
    assert seen(DONE, begun, late)[1]["Progressing"]["status"] == "False"
    assert reason(DONE, begun, late, (2700.0, NEXT, [C, D])) == "NewReplicaSetAvailable"


def test_what_comes_further_is_given_time_again() -> None:
    slow = (2400.0, NEXT, [B, C])
    assert reason(DONE, (2005.0, NEXT, [A, B]), slow, (2900.0, NEXT, [B, C])) == "ReplicaSetUpdated"


def test_a_roll_out_is_complete_without_those_that_merely_leave() -> None:
    assert reason(DONE, (2100.0, NEXT, [C, D, replace(A, leaving=True)])) == "NewReplicaSetAvailable"


def test_while_paused_it_is_unknown_and_the_clock_stands() -> None:
    paused, pods = replace(NEXT, paused=True), [A, B, replace(C, ready=False)]
    steps = (DONE, (2005.0, NEXT, pods), (2010.0, paused, pods), (9000.0, paused, pods))
    condition = seen(*steps)[1]["Progressing"]
    assert (condition["status"], condition["reason"]) == ("Unknown", "DeploymentPaused")
    assert reason(*steps, (9001.0, NEXT, pods)) == "ReplicaSetUpdated"


def test_available_is_so_many_as_are_wanted_and_knows_since_when() -> None:
    sick = [A, replace(B, ready=False)]
    steps = [DONE, (1500.0, WANT, [A, B])]
    condition = seen(*steps)[1]["Available"]
    assert (condition["status"], unix(condition["lastTransitionTime"])) == ("True", 1010.0)
    steps += [(1510.0, WANT, sick), (1520.0, WANT, sick)]
    condition = seen(*steps)[1]["Available"]
    assert (condition["status"], condition["reason"]) == ("False", "MinimumReplicasUnavailable")
    assert unix(condition["lastTransitionTime"]) == 1510.0
    assert unix(seen(*steps)[1]["Progressing"]["lastTransitionTime"]) == 1000.0
