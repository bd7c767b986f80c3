"""The pod controller against a real engine and the lab's own balancer."""

import json
import time
from collections.abc import Callable

import pytest

from faults.wait import until
from tests.podshop import OTHER, SOUND, Shop

pytestmark = pytest.mark.docker


def start(shop: Shop, *, replicas: int = 2) -> set[str]:
    """Have the first pods up."""
    shop.wanted.ensure("api", release=SOUND, replicas=replicas)
    shop.run()
    shop.settle()
    return names(shop)


def names(shop: Shop) -> set[str]:
    """The pods that are there."""
    return {pod.name for pod in shop.controller.pods}


def test_wanted_pods_come_up_behind_the_balancer(shop: Shop) -> None:
    """Two wanted are two that answer, named after their deployment, known to Prometheus."""
    first = start(shop)
    assert len(first) == 2
    assert {shop.get() for _ in range(10)} == first
    assert all(name.startswith(f"api-{shop.wanted.deployment('api').hash}-") for name in first)
    groups = json.loads((shop.folder / "api.json").read_text())
    assert {group["labels"]["pod"] for group in groups} == first


def test_a_roll_out_replaces_one_pod_at_a_time_and_no_user_notices(
    shop: Shop, users: Callable[[], list[str]]
) -> None:
    """Never more than three pods that stay, never a failed request."""
    first = start(shop)
    users().clear()
    assert shop.wanted.roll_out("api", release=OTHER, cause="test") == 2
    most = 0
    while not shop.controller.settled("api"):
        most = max(most, sum(not pod.leaving for pod in shop.controller.pods))
        time.sleep(0.05)
    time.sleep(0.5)
    assert most == 3
    assert names(shop).isdisjoint(first)
    assert {pod.release for pod in shop.controller.pods} == {OTHER}
    assert all(answer.startswith("api-") for answer in users()), set(users())
    assert all(shop.states(name)[-2:] == ["leaving", "gone"] for name in first)


def test_a_rollback_is_a_new_revision_of_the_old_release(shop: Shop) -> None:
    """Revision 3 wants what revision 1 wanted: pods of that template that are still there stay."""
    start(shop)
    shop.wanted.roll_out("api", release=OTHER, cause="test")
    shop.wanted.roll_out("api", release=SOUND, cause="back", by="trainee")
    shop.settle()
    assert {pod.release for pod in shop.controller.pods} == {SOUND}
    assert shop.wanted.deployment("api").current.number == 3


def test_scaling_to_zero_and_back(shop: Shop) -> None:
    """No pod is no service; then there is one again."""
    start(shop)
    shop.wanted.change("api", cause="", by="trainee", replicas=0)
    until(lambda: None if shop.controller.pods else True, what="no pods", timeout_s=20)
    assert shop.get() == "503"
    shop.wanted.change("api", cause="", by="trainee", replicas=1)
    shop.settle()
    assert shop.get() in names(shop)


def test_a_pod_that_dies_is_started_again_and_it_is_told(shop: Shop) -> None:
    """The same pod, and an event that says how it ended."""
    first = start(shop)
    shop.get("/die")
    until(lambda: any(d["state"] == "crashed" for _, d in shop.told) or None, what="crash told", timeout_s=10)
    crash = next(d for _, d in shop.told if d["state"] == "crashed")
    assert crash["reason"] == "exited with 3"
    until(lambda: shop.states(crash["name"])[-1] == "ready" or None, what="ready again", timeout_s=20)
    assert names(shop) == first


def test_a_restart_of_one_pod_replaces_that_one(shop: Shop) -> None:
    """The other stays."""
    first = start(shop)
    gone = min(first)
    shop.wanted.leave([gone])
    until(lambda: gone not in names(shop) or None, what="pod gone", timeout_s=20)
    shop.settle()
    assert len(names(shop) & first) == 1
    assert len(names(shop)) == 2


def test_a_controller_killed_in_mid_roll_out_is_finished_by_the_next(shop: Shop) -> None:
    """What was wanted is on disk; the pods are in the engine."""
    first = start(shop)
    shop.wanted.roll_out("api", release=OTHER, cause="test")
    until(lambda: len(names(shop)) > 2 or None, what="roll-out under way", timeout_s=20)
    shop.halt()
    shop.begin()
    shop.run()
    shop.settle()
    assert names(shop).isdisjoint(first)
    assert {pod.release for pod in shop.controller.pods} == {OTHER}


def test_a_balancer_that_was_restarted_gets_its_pods_back(shop: Shop) -> None:
    """It forgets them all; the controller does not."""
    first = start(shop)
    for name in first:
        shop.balancer.remove(name)
    until(lambda: set(shop.balancer.servers()) == first or None, what="pods are back", timeout_s=10)
    shop.settle()
    assert {shop.get() for _ in range(10)} == first


def test_pods_are_locked_down(shop: Shop) -> None:
    """Read-only root, no capability, bounded memory, both projects' labels."""
    name = min(start(shop, replicas=1))
    raw = shop.api.inspect_container(f"sev0-{shop.lab}-{name}")
    host = raw["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Memory"]) == (True, ["ALL"], 128 * 1024 * 1024)
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert raw["Config"]["Labels"]["com.docker.compose.project"] == f"sev0-{shop.lab}"
