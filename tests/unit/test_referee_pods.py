"""What the pod controller decides, what it remembers, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.referee.errors import BadRequest, UnknownName
from lab.referee.pods.decide import Steps, next_steps, rolled_out
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.store import Store
from lab.referee.pods.template import template_of, with_release
from lab.referee.pods.wanted import Wanted


def deployment(release: str = "1.0", *, replicas: int = 2) -> Deployment:
    """A deployment in its first revision."""
    template = template_of("api", release, labels={})
    first = Revision(number=1, template=template, cause=f"release {release}", by="deploy-bot", t=0.0)
    return Deployment(
        name="api",
        uid="u",
        created_t=0.0,
        replicas=replicas,
        template=template,
        selector={"app": "api"},
        revisions=(first,),
    )


WANT = deployment()
NEXT = WANT.changed(template=with_release(WANT.template, "2.0"), cause="2.0", by="deploy-bot", t=10.0)


def pod(
    name: str, want: Deployment = WANT, *, ready: bool = True, leaving: bool = False, t: float = 0
) -> Pod:
    """A pod of what is wanted."""
    return Pod(
        name=name,
        deployment="api",
        hash=want.hash,
        release=want.current.release,
        revision=want.current.number,
        ready=ready,
        leaving=leaving,
        created_t=t,
    )


A, B = pod("a", t=1), pod("b", t=2)
C = pod("c", NEXT, t=11)
YOUNG = replace(C, ready=False)


def test_first_pods_start_together() -> None:
    """Nothing is served yet that could be disturbed."""
    assert next_steps(WANT, []) == Steps(create=2)
    assert next_steps(WANT, [A]) == Steps(create=1)
    assert next_steps(WANT, [A, B]) == Steps()


def test_a_roll_out_goes_pod_by_pod() -> None:
    """One more, wait for it, one old one less, and again: who leaves is not waited for before the end."""
    assert next_steps(NEXT, [A, B]) == Steps(create=1)
    assert next_steps(NEXT, [A, B, YOUNG]) == Steps()
    assert next_steps(NEXT, [A, B, C]) == Steps(create=1, leave=(A,))
    leaving = replace(A, leaving=True)
    assert next_steps(NEXT, [leaving, B, C]) == Steps(create=1)
    d = pod("d", NEXT, t=20)
    assert next_steps(NEXT, [leaving, B, C, replace(d, ready=False)]) == Steps()
    assert next_steps(NEXT, [B, C, d]) == Steps(leave=(B,))
    assert next_steps(NEXT, [C, d]) == Steps()
    assert rolled_out(NEXT, [C, d])
    assert not rolled_out(NEXT, [replace(B, leaving=True), C, d])


def test_old_pods_that_serve_nobody_go_at_once() -> None:
    """They are no loss."""
    dead = replace(A, ready=False)
    assert next_steps(NEXT, [dead, B]) == Steps(create=1, leave=(dead,))


def test_a_new_pod_that_never_gets_ready_stops_the_roll_out() -> None:
    """The old ones go on serving."""
    assert next_steps(NEXT, [A, B, YOUNG]) == Steps()


def test_scaling_down_takes_the_useless_and_the_young_first() -> None:
    """To nothing where nothing is wanted."""
    assert next_steps(replace(WANT, replicas=1), [A, B]) == Steps(leave=(B,))
    sick = replace(A, ready=False)
    assert next_steps(replace(WANT, replicas=1), [sick, B]) == Steps(leave=(sick,))
    assert {pod.name for pod in next_steps(replace(WANT, replicas=0), [A, B]).leave} == {"a", "b"}
    assert next_steps(replace(NEXT, replicas=0), [A, C]) == Steps(leave=(C, A))


def test_names_carry_the_revision() -> None:
    """Another revision or a restart gives other names; what was wanted before gives the old ones again."""
    metadata = {**WANT.template["metadata"], "annotations": {"restartedAt": "now"}}
    again = WANT.changed(template={**WANT.template, "metadata": metadata}, cause="", by="trainee", t=20.0)
    back = NEXT.changed(template=WANT.template, cause="", by="trainee", t=30.0)
    assert WANT.pod_name().startswith(f"api-{WANT.hash}-")
    assert len({WANT.hash, NEXT.hash, again.hash}) == 3
    assert (back.hash, back.current.number, [r.number for r in back.revisions]) == (WANT.hash, 3, [2, 3])


def test_a_paused_deployment_makes_no_revision_until_it_is_resumed() -> None:
    """It can be scaled all the while."""
    paused = WANT.changed(paused=True, cause="", by="trainee", t=1.0)
    changed = paused.changed(template=NEXT.template, replicas=3, cause="2.0", by="trainee", t=2.0)
    assert (changed.hash, changed.replicas, len(changed.revisions)) == (WANT.hash, 3, 1)
    resumed = changed.changed(paused=False, cause="2.0", by="trainee", t=3.0)
    assert (resumed.hash, resumed.current.number, resumed.generation) == (NEXT.hash, 2, 4)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A file for what is wanted."""
    return Store(tmp_path / "deployments.json")


def wanted_of(store: Store) -> Wanted:
    """What is wanted, from what is on disk."""
    return Wanted(store, releases=("1.0", "2.0"), now=lambda: 100.0)


@pytest.fixture
def wanted(store: Store) -> Wanted:
    """Two pods of 1.0."""
    made = wanted_of(store)
    made.ensure("api", release="1.0", replicas=2)
    return made


def test_every_change_is_on_disk_before_it_returns(store: Store, wanted: Wanted) -> None:
    """The next referee wants the same."""
    wanted.roll_out("api", release="2.0", cause="new")
    wanted.configure("api", {"DB_POOL_SIZE": "9"})
    wanted.select("api", {"app": "api", "track": "blue"})
    wanted.count_restart(replace(pod("x-1"), name="api-x-1", exit_code=3))
    wanted.change("api", cause="", by="trainee", replicas=3)
    wanted.leave(["api-x-1"])
    again = wanted_of(store)
    assert again.deployment("api") == wanted.deployment("api")
    assert again.state == wanted.state
    assert again.leaving() == {"api-x-1": 100.0}
    assert again.selected({"app": "api", "track": "blue"})
    assert not again.selected({"app": "api"})
    again.ensure("api", release="1.0", replicas=2)
    assert again.release_of("api") == "2.0"


def test_a_release_that_was_wanted_before_is_a_new_revision_of_its_template(wanted: Wanted) -> None:
    """Its number is the highest; what was before it stays."""
    wanted.roll_out("api", release="2.0", cause="new")
    assert wanted.roll_out("api", release="1.0", cause="back") == 3
    assert [(one.number, one.release) for one in wanted.deployment("api").revisions] == [
        (2, "2.0"),
        (3, "1.0"),
    ]


def test_bounds_and_names_are_checked(wanted: Wanted) -> None:
    """Before anything is done."""
    for replicas in (-1, 7):
        with pytest.raises(BadRequest, match="there is room for 6 pods"):
            wanted.change("api", cause="", by="trainee", replicas=replicas)
    with pytest.raises(UnknownName) as unknown:
        wanted.change("apj", cause="", by="trainee", replicas=1)
    assert unknown.value.hint == "did you mean api?"
    with pytest.raises(UnknownName, match="no release named"):
        wanted.roll_out("api", release="3.0", cause="x")
