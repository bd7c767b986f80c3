"""What kubectl changes, and what that does to containers."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from faults.wait import until
from lab.referee.balancer import Server
from tests.kubectl.cluster import DIE, GREEN, Kube

pytestmark = pytest.mark.docker


def releases(kube: Kube) -> set[str]:
    """The releases of the pods that are there to stay."""
    return {pod.release for pod in kube.shop.controller.pods if not pod.leaving}


def test_a_release_goes_out_and_back(kube: Kube, users: Callable[[], list[str]]) -> None:
    """set image, status, history, undo; no user notices."""
    users().clear()
    kube.ok("set", "image", "deployment/api", "api=shop/api:2.0")
    kube.ok("annotate", "deployment/api", "kubernetes.io/change-cause=2.0: offers")
    kube.settled()
    assert releases(kube) == {"2.0"}
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()
    assert releases(kube) == {"1.0"}
    history = kube.ok("rollout", "history", "deployment/api")
    assert re.search(r"^3 +release 1\.0$", history, re.MULTILINE), history
    kube.ok("rollout", "undo", "deployment/api", "--to-revision=2")
    kube.settled()
    assert releases(kube) == {"2.0"}
    assert all(answer.startswith("api-") for answer in users()), set(users())
    verbs = [verb for verb, *_ in kube.diary.acts]
    assert [v for v in verbs if v in ("set-image", "rollback")] == ["set-image", "rollback", "rollback"]


def test_restart_scale_and_pause(kube: Kube) -> None:
    """A restart replaces pods one by one; a paused deployment only scales."""
    first = kube.pods()
    kube.ok("rollout", "restart", "deployment/api")
    kube.settled()
    assert kube.pods().isdisjoint(first)
    kube.ok("rollout", "pause", "deployment/api")
    kube.ok("set", "env", "deployment/api", "DB_POOL_SIZE=9")
    kube.ok("scale", "deployment/api", "--replicas=3")
    until(lambda: len(kube.pods()) == 3 or None, what="three pods", timeout_s=30)
    environment = kube.ok("exec", min(kube.pods()), "--", "env")
    assert "DB_POOL_SIZE" not in environment
    kube.ok("rollout", "resume", "deployment/api")
    kube.settled()
    assert "DB_POOL_SIZE=9" in kube.ok("exec", "deploy/api", "--", "env")
    assert "DB_POOL_SIZE=9" in kube.ok("set", "env", "deployment/api", "--list")
    kube.ok("set", "env", "deployment/api", "DB_POOL_SIZE-")
    kube.settled()
    assert "DB_POOL_SIZE" not in kube.ok("exec", "deploy/api", "--", "env")
    assert [act[0] for act in kube.diary.acts] == [
        "restart",
        "pause",
        "set-env",
        "scale",
        "resume",
        "rollback",
    ]


def test_a_scale_that_assumes_something_else_is_refused(kube: Kube) -> None:
    """--current-replicas must be what there is."""
    refused = kube("scale", "deployment/api", "--current-replicas=5", "--replicas=3")
    assert refused.code == 1
    assert "Expected replicas to be 5, was 2" in refused.out
    assert kube.of_api(".spec.replicas") == "2"
    kube.ok("scale", "deployment/api", "--current-replicas=2", "--replicas=3")
    assert kube.of_api(".spec.replicas") == "3"


def test_scaling_to_nothing_and_back(kube: Kube) -> None:
    """As the runbook does it."""
    kube.ok("scale", "deployment/api", "--replicas=0")
    kube.ok("wait", "--for=delete", "pod", "-l", "app=api", "--timeout=60s")
    assert kube.shop.get() == "503"
    kube.ok("scale", "deployment/api", "--replicas=2")
    kube.settled()
    assert kube.shop.get().startswith("api-")


def test_resources_become_limits_and_too_little_memory_kills(kube: Kube) -> None:
    """OOMKilled, counted, told."""
    kube.ok("set", "resources", "deployment/api", "--limits=memory=48Mi,cpu=500m")
    kube.settled()
    name = min(kube.pods())
    raw = kube.shop.api.inspect_container(f"sev0-{kube.shop.lab}-{name}")
    assert (raw["HostConfig"]["Memory"], raw["HostConfig"]["NanoCpus"]) == (48 * 2**20, 500_000_000)
    eater = kube.shop.get("/eat")
    assert eater in ("502", "504"), eater

    def killed() -> bool | None:
        pods = kube("get", "pods", "-l", "app=api", "-o", "json").json()["items"]
        statuses = [pod["status"]["containerStatuses"][0] for pod in pods]
        last = [s["lastState"].get("terminated", {}).get("reason") for s in statuses if s["restartCount"]]
        return "OOMKilled" in last or None

    until(killed, what="a pod was OOMKilled and started again", timeout_s=40)


def test_a_crashing_pod_backs_off(kube: Kube) -> None:
    """CrashLoopBackOff with the real count; logs of the run before."""
    name = min(kube.pods())

    def backs_off() -> bool | None:
        kube("exec", name, "--", "python3", "-c", DIE)
        return "CrashLoopBackOff" in kube.ok("get", "pod", name) or None

    until(backs_off, what="CrashLoopBackOff", timeout_s=60)
    assert "BackOff" in kube.ok("describe", "pod", name)


def test_an_image_that_does_not_exist_stops_the_roll_out(kube: Kube) -> None:
    """ImagePullBackOff; the old pods serve; undo clears it."""
    kube.ok("set", "image", "deployment/api", "api=shop/api:9.9")
    until(lambda: "ImagePullBackOff" in kube.ok("get", "pods") or None, what="ImagePullBackOff", timeout_s=20)
    assert kube.shop.get().startswith("api-")
    assert 'Failed to pull image "shop/api:9.9"' in kube.ok("get", "events")
    stuck = kube("rollout", "status", "deployment/api", "--timeout=2s")
    assert stuck.code == 1
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()
    assert "ImagePullBackOff" not in kube.ok("get", "pods")


def test_a_request_in_flight_is_answered_though_its_pod_is_no_longer_selected(kube: Kube) -> None:
    """The pod gets no new request while it answers the last one; then it is out of the balancer."""

    def busy() -> dict[str, Server]:
        return {name: one for name, one in kube.shop.balancer.servers().items() if one.sessions}

    def slow() -> str:
        with urllib.request.urlopen(f"{kube.shop.url}/slow", timeout=30) as answer:  # noqa: S310 - our balancer
            return str(answer.read().decode())

    def selected(track: str) -> None:
        body = {"spec": {"selector": {"app": "api", "track": track or None}}}
        kube.ok("patch", "service", "api", "-p", json.dumps(body))

    def switched_in_flight() -> str | None:
        """The answer to a slow request, where the switch was seen while it was in flight."""
        until(lambda: len(kube.shop.balancer.servers()) == 2 or None, what="two servers", timeout_s=30)
        with ThreadPoolExecutor(1) as user:
            answer = user.submit(slow)
            until(lambda: busy() or None, what="it is in flight", timeout_s=20, every_s=0.02)
            selected("nobody")
            drained = [name for name, one in busy().items() if one.taken_out]
            name = answer.result()
            assert drained in ([], [name])
            until(lambda: not kube.shop.balancer.servers() or None, what="both are out", timeout_s=20)
            assert kube.shop.get() == "503"
        selected("")
        return name if drained else None

    # A machine that is busy may switch only once the answer is there: that shows nothing.
    assert until(switched_in_flight, what="a switch during a request", timeout_s=60) in kube.pods()


def test_blue_and_green_switch_with_no_failed_request(kube: Kube, users: Callable[[], list[str]]) -> None:
    """The service's selector decides who gets traffic."""
    kube.ok(
        "patch", "deployment", "api", "-p", '{"spec":{"template":{"metadata":{"labels":{"track":"blue"}}}}}'
    )
    kube.settled()
    kube.ok("patch", "service", "api", "-p", '{"spec":{"selector":{"track":"blue"}}}')
    kube.ok("apply", "-f", "-", stdin=GREEN)
    kube.ok("rollout", "status", "deployment/api-green", "--timeout=60s")
    users().clear()
    time.sleep(1)
    assert not any(answer.startswith("api-green") for answer in users())
    kube.ok("patch", "service", "api", "-p", '{"spec":{"selector":{"track":"green"}}}')
    until(lambda: users()[-1].startswith("api-green") or None, what="green answers", timeout_s=20)
    until(
        lambda: all(one.startswith("api-green") for one in kube.shop.balancer.servers()) or None,
        what="blue is out",
        timeout_s=20,
    )
    users_then = len(users())
    time.sleep(1)
    assert all(answer.startswith("api-green") for answer in users()[users_then:])
    assert all(answer.startswith("api-") for answer in users()), set(users())


def test_config_maps_take_effect_by_a_restart(kube: Kube) -> None:
    """As in production."""
    kube.ok("patch", "configmap", "api", "-p", '{"data":{"DB_THREADS":"8"}}')
    assert "DB_THREADS" not in kube.ok("exec", "deploy/api", "--", "env")
    kube.ok("rollout", "restart", "deployment/api")
    kube.settled()
    assert "DB_THREADS=8" in kube.ok("exec", "deploy/api", "--", "env")
    assert "must be a number" in kube("patch", "cm", "api", "-p", '{"data":{"DB_THREADS":"many"}}').out
    kube.ok("set", "env", "--from=configmap/api", "deployment/api")
    (one,) = kube("get", "deploy", "api", "-o", "json").json()["spec"]["template"]["spec"]["containers"]
    refs = {env["name"]: env["valueFrom"]["configMapKeyRef"] for env in one["env"]}
    assert refs == {key: {"name": "api", "key": key} for key in ("DB_THREADS", "READY_AFTER_S")}
    kube.settled()
    assert "DB_THREADS=8" in kube.ok("exec", "deploy/api", "--", "env")


def test_databases_are_restarted_and_never_anything_else(kube: Kube) -> None:
    """A new uid, the same data; scaling and images are refused with the reason."""

    def uid() -> str:
        return str(kube("get", "pod", "redis-0", "-o", "json").json()["metadata"]["uid"])

    before = uid()
    kube.ok("exec", "redis-0", "--", "sh", "-c", "redis-cli --user oncall set kept yes")
    kube.ok("rollout", "restart", "statefulset/redis")
    assert uid() != before
    until(
        lambda: (
            "yes" in kube("exec", "redis-0", "--", "sh", "-c", "redis-cli --user oncall get kept").out or None
        ),
        what="the data are there",
        timeout_s=20,
    )
    status = kube.ok("rollout", "status", "statefulset/redis", "--timeout=60s")
    assert "rolling update complete 1 pods" in status
    before = uid()
    kube.ok("delete", "pod", "redis-0")
    assert uid() != before
    for words in (
        ("scale", "statefulset/redis", "--replicas=2"),
        ("set", "image", "statefulset/redis", "redis=redis:7"),
        ("set", "resources", "statefulset/redis", "--limits=memory=1Gi"),
    ):
        refused = kube(*words)
        assert refused.code == 1, words
        assert 'statefulsets.apps "redis" is forbidden' in refused.out
        assert "a database of this lab is a set of one" in refused.out
        # `set` puts words of its own in front of the server's, and leaves out the reason.
        assert ("(Forbidden)" in refused.out) == (words[0] == "scale")
    assert {act[0] for act in kube.diary.acts} == {"restart-database"}


def test_trouble_is_answered_as_kubernetes_does(kube: Kube) -> None:
    """Typos by name, conflicts, ceilings, malformed patches."""

    def refused(*words: str, stdin: str = "") -> str:
        said = kube(*words, stdin=stdin)
        assert said.code == 1, said.out
        return said.out

    assert 'unknown field "spec.replcias"' in refused(
        "apply", "-f", "-", stdin=GREEN.replace("replicas", "replcias")
    )
    assert "there is room for 6 pods" in refused("scale", "deployment/api", "--replicas=99")
    assert "Unsupported value" in refused("set", "env", "deployment/api", "DATABASE_URL=x")
    assert "cannot be changed in this lab" in refused(
        "patch",
        "deployment",
        "api",
        "-p",
        '{"spec":{"template":{"spec":{"containers":[{"name":"api","command":["sh"]}]}}}}',
    )
    assert "field is immutable" in refused(
        "patch",
        "deployment",
        "api",
        "--type=merge",
        "-p",
        '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}',
    )
    assert "the object has been modified" in refused(
        "patch", "deployment", "api", "-p", '{"metadata":{"resourceVersion":"1"},"spec":{"replicas":1}}'
    )
    assert "no value at /spec/nothing" in refused(
        "patch", "deployment", "api", "--type=json", "-p", '[{"op":"remove","path":"/spec/nothing"}]'
    )
    kube.diary.closed = True
    assert "I am done" in refused("rollout", "restart", "deployment/api")
