"""What the pod controller decides, what it remembers, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.referee.errors import BadRequest, NotNow, UnknownName
from lab.referee.pods.decide import Steps, next_steps, rolled_out
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.store import Store
from lab.referee.pods.wanted import Wanted

FIRST = Revision(number=1, release="1.0", cause="release 1.0", by="deploy-bot", t=0.0)
WANT = Deployment(name="api", replicas=2, revisions=(FIRST,))
NEXT = WANT.changed(release="2.0", env={}, cause="2.0", by="deploy-bot", t=10.0)


def pod(
    name: str, want: Deployment = WANT, *, served: bool = True, leaving: bool = False, t: float = 0
) -> Pod:
    """A pod of what is wanted."""
    return Pod(
        name=name,
        deployment="api",
        hash=want.hash,
        release=want.current.release,
        revision=want.current.number,
        served=served,
        leaving=leaving,
        created_t=t,
    )


A, B = pod("a", t=1), pod("b", t=2)
C = pod("c", NEXT, t=11)
YOUNG = replace(C, served=False)


def test_first_pods_start_together() -> None:
    """Nothing is served yet that could be disturbed."""
    assert next_steps(WANT, []) == Steps(create=2)
    assert next_steps(WANT, [A]) == Steps(create=1)
    assert next_steps(WANT, [A, B]) == Steps()


def test_a_roll_out_goes_pod_by_pod() -> None:
    """One more, wait for it, one old one less, wait until that is gone, and again."""
    assert next_steps(NEXT, [A, B]) == Steps(create=1)
    assert next_steps(NEXT, [A, B, YOUNG]) == Steps()
    assert next_steps(NEXT, [A, B, C]) == Steps(leave=(A,))
    assert next_steps(NEXT, [replace(A, leaving=True), B, C]) == Steps()
    assert next_steps(NEXT, [B, C]) == Steps(create=1)
    d = pod("d", NEXT, t=20)
    assert next_steps(NEXT, [B, C, d]) == Steps(leave=(B,))
    assert next_steps(NEXT, [C, d]) == Steps()
    assert rolled_out(NEXT, [C, d])
    assert not rolled_out(NEXT, [replace(B, leaving=True), C, d])


def test_old_pods_that_serve_nobody_go_at_once() -> None:
    """They are no loss."""
    dead = replace(A, served=False)
    assert next_steps(NEXT, [dead, B]) == Steps(create=1, leave=(dead,))


def test_a_new_pod_that_never_gets_ready_stops_the_roll_out() -> None:
    """The old ones go on serving."""
    assert next_steps(NEXT, [A, B, YOUNG]) == Steps()


def test_scaling_down_takes_the_useless_and_the_young_first() -> None:
    """To nothing where nothing is wanted."""
    assert next_steps(replace(WANT, replicas=1), [A, B]) == Steps(leave=(B,))
    sick = replace(A, served=False)
    assert next_steps(replace(WANT, replicas=1), [sick, B]) == Steps(leave=(sick,))
    assert set(next_steps(replace(WANT, replicas=0), [A, B]).leave) == {A, B}
    assert next_steps(replace(NEXT, replicas=0), [A, C]) == Steps(leave=(C, A))


def test_names_carry_the_revision() -> None:
    """Another revision or a restart gives other names."""
    assert WANT.pod_name().startswith(f"api-{WANT.hash}-")
    assert len({WANT.hash, NEXT.hash, replace(WANT, restarts=1).hash}) == 3


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
    wanted.set_env("api", {"DB_POOL_SIZE": "9"}, by="trainee")
    wanted.scale("api", 3)
    wanted.leave(["api-x-1"])
    again = wanted_of(store)
    assert again.deployment("api") == wanted.deployment("api")
    assert again.leaving() == {"api-x-1"}
    again.ensure("api", release="1.0", replicas=2)
    assert again.release_of("api") == "2.0"


def test_a_rollback_finds_the_last_revision_that_was_different(wanted: Wanted) -> None:
    """A restart is no revision; rolling back twice comes back."""
    wanted.roll_out("api", release="2.0", cause="new")
    wanted.restart("api")
    back = wanted.roll_back("api", revision=None, by="trainee")
    assert (back.release, back.number, back.cause) == ("1.0", 3, "rollback to revision 1")
    assert wanted.roll_back("api", revision=None, by="trainee").release == "2.0"
    assert wanted.roll_back("api", revision=1, by="trainee").release == "1.0"


def test_a_rollback_to_nowhere_is_refused(wanted: Wanted) -> None:
    """There was never anything else."""
    with pytest.raises(NotNow, match="no earlier revision"):
        wanted.roll_back("api", revision=None, by="trainee")
    with pytest.raises(NotNow, match="no revision 7"):
        wanted.roll_back("api", revision=7, by="trainee")


def test_environment_goes_back_to_the_releases_own(wanted: Wanted) -> None:
    """An empty value takes a setting away."""
    wanted.set_env("api", {"DB_POOL_SIZE": "9", "DB_POOL_PRE_PING": "1"}, by="trainee")
    wanted.set_env("api", {"DB_POOL_SIZE": ""}, by="trainee")
    assert wanted.deployment("api").current.env == {"DB_POOL_PRE_PING": "1"}


@pytest.mark.parametrize(
    ("env", "hint"),
    [
        ({}, "NAME=VALUE"),
        ({"DB_POOL": "3"}, "did you mean DB_POOL_SIZE?"),
        ({"DATABASE_URL": "postgresql://elsewhere"}, "possible: DB_CONNECT_TIMEOUT_S"),
        ({"DB_POOL_SIZE": "many"}, "for instance DB_POOL_SIZE=5"),
    ],
)
def test_settings_that_are_not_settings_are_refused(wanted: Wanted, env: dict[str, str], hint: str) -> None:
    """With the nearest that is one."""
    with pytest.raises(BadRequest) as refused:
        wanted.set_env("api", env, by="trainee")
    assert refused.value.hint.startswith(hint)


def test_bounds_and_names_are_checked(wanted: Wanted) -> None:
    """Before anything is done."""
    for replicas in (-1, 7):
        with pytest.raises(BadRequest, match="out of bounds"):
            wanted.scale("api", replicas)
    with pytest.raises(UnknownName) as unknown:
        wanted.scale("apj", 1)
    assert unknown.value.hint == "did you mean api?"
    with pytest.raises(UnknownName, match="no release named"):
        wanted.roll_out("api", release="3.0", cause="x")
