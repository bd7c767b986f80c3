"""What kubectl shows is what is so: causes, releases, events, probes, restarts."""

import re

import pytest

from faults.wait import until
from tests.kubectl.cluster import DIE, Kube

pytestmark = pytest.mark.docker

SICK = DIE.replace("/die", "/sick")


def test_a_change_cause_is_kept_with_its_revision(kube: Kube) -> None:
    """Also once the next revision is out, and after a restart of the referee."""
    kube.ok("set", "image", "deployment/api", "api=shop/api:2.0")
    kube.ok("annotate", "deployment/api", "kubernetes.io/change-cause=2.0: offers")
    assert re.search(r"^2 +2\.0: offers$", kube.ok("rollout", "history", "deployment/api"), re.MULTILINE)
    kube.settled()
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()
    kube.side.restart()
    history = kube.ok("rollout", "history", "deployment/api")
    assert re.search(r"^2 +2\.0: offers$", history, re.MULTILINE), history
    assert re.search(r"^3 +release 1\.0$", history, re.MULTILINE), history


def test_events_are_the_same_after_a_restart_of_the_referee(kube: Kube) -> None:
    """None is forgotten, and none is invented."""
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.settled()
    seen = "jsonpath={range .items[*]}{.metadata.name} {.count} {.lastTimestamp} {.message}{'\\n'}{end}"
    before = kube.ok("get", "events", "-o", seen).splitlines()
    assert any("from 2 to 3" in line for line in before)
    kube.side.restart()
    kube.settled()
    assert kube.ok("get", "events", "-o", seen).splitlines() == before


def test_pods_sets_and_deployments_say_their_release(kube: Kube) -> None:
    """Each its own during a roll-out; whole objects that come back with it change nothing."""
    old = kube.pods()
    kube.ok("set", "image", "deployment/api", "api=shop/api:2.0")
    until(lambda: kube.pods() - old or None, what="a new pod", timeout_s=30)
    table = kube.ok("get", "pods", "-L", "release", "-l", "app=api")
    said = {line.split()[0]: line.split()[-1] for line in table.splitlines()[1:]}
    assert {said[name] for name in said.keys() & old} == {"1.0"}
    assert {said[name] for name in said.keys() - old} == {"2.0"}
    kube.settled()
    new = {f"pod/{name}" for name in kube.pods()}
    assert new <= set(kube.ok("get", "pods", "-l", "release=2.0", "-o", "name").split())
    assert kube.ok("get", "deploy", "-l", "release=2.0", "-o", "name").strip() == "deployment.apps/api"
    assert len(kube.ok("get", "rs", "-l", "release=1.0", "-o", "name").split()) == 1
    generation = ("get", "deploy", "api", "-o", "jsonpath={.metadata.generation} {.metadata.labels.release}")
    before, acts = kube.ok(*generation), len(kube.diary.acts)
    kube.shell("kubectl get deploy api -o yaml > /tmp/api.yaml; kubectl replace -f /tmp/api.yaml")
    assert "no changes" in kube.shell("KUBE_EDITOR=true kubectl edit deployment/api 2>&1").out
    assert (kube.ok(*generation), len(kube.diary.acts)) == (before, acts)
    assert "follows the tag of the image" in kube("label", "deploy/api", "release=9", "--overwrite").out


def test_a_probe_that_fails_is_told_with_what_it_got(kube: Kube) -> None:
    """Of a pod that was ready, and of one that never is."""
    name = min(kube.pods())
    kube.ok("exec", name, "--", "python3", "-c", SICK)
    told = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    until(lambda: told in kube.ok("describe", "pod", name) or None, what="the probe's answer", timeout_s=40)
    assert "0/1" in kube.ok("get", "pod", name)
    kube.ok("delete", "pod", name)
    old = kube.pods()
    kube.ok("set", "env", "deployment/api", "READY_AFTER_S=999")
    (never,) = until(lambda: kube.pods() - old or None, what="a new pod", timeout_s=30)
    until(lambda: told in kube.ok("describe", "pod", never) or None, what="its answer", timeout_s=40)
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()


def test_a_crash_loop_says_how_often_and_how_long(kube: Kube) -> None:
    """The real count, and the delay that is waited."""
    name = min(kube.pods())
    waiting = ("get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0].state.waiting.message}")
    restarts = ("get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0].restartCount}")
    for count in (1, 2):
        kube.die(name)
        assert kube.ok(*restarts) == str(count)

    def backs_off() -> str | None:
        kube("exec", name, "--", "python3", "-c", DIE)
        return kube.ok(*waiting) or None

    said = until(backs_off, what="back-off", timeout_s=60)
    assert re.match(rf"back-off (2|4|8|15)s restarting failed container=api pod={name}_default", said), said
    assert int(kube.ok(*restarts)) >= 2
    ended = "jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode}"
    assert kube.ok("get", "pod", name, "-o", ended) == "3"


def test_a_database_that_was_restarted_says_so(kube: Kube) -> None:
    """The same pod with a restart where it ended by itself, another one where it was asked to."""

    def pod() -> tuple[str, int]:
        shown = kube("get", "pod", "redis-0", "-o", "json").json()
        restarts = shown["status"]["containerStatuses"][0]["restartCount"]
        return str(shown["metadata"]["uid"]), int(restarts)

    label = [f"dev.sev0.lab={kube.shop.lab}", "com.docker.compose.service=redis"]
    (redis,) = kube.shop.api.containers(filters={"label": label})
    uid, count = pod()
    kube.shop.api.restart(redis["Id"], timeout=5)
    until(lambda: pod() == (uid, count + 1) or None, what="a restart is counted", timeout_s=20)
    assert "Started container redis" in kube.ok("describe", "pod", "redis-0")
    kube.side.restart()
    assert pod() == (uid, count + 1)
    kube.ok("delete", "pod", "redis-0")
    assert pod()[0] != uid
    assert pod()[1] == 0
    assert "create Pod redis-0 in StatefulSet redis" in kube.ok("describe", "statefulset", "redis")
    kube.shop.api.pause(redis["Id"])
    try:
        until(lambda: "0/1" in kube.ok("get", "pod", "redis-0") or None, what="not ready", timeout_s=20)
        assert "Running" in kube.ok("get", "pod", "redis-0")
    finally:
        kube.shop.api.unpause(redis["Id"])
