"""What goes wrong, and what kubectl says then: nothing is lost, and nothing that was refused is done."""

import contextlib
import json
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from faults.wait import until
from tests.kubectl.cluster import Kube
from tests.kubectl.side import TOKEN

pytestmark = pytest.mark.docker

LEAVERS = 5
# More than the server has threads for everything else.
FOLLOWERS = 44
PODS = "/api/v1/namespaces/default/pods"
API = "/apis/apps/v1/namespaces/default/deployments/api"


@pytest.fixture
def http(kube: Kube) -> Iterator[httpx.Client]:
    """A client of the API that is no kubectl: it sends what kubectl would not."""
    with httpx.Client(
        base_url=f"https://127.0.0.1:{kube.side.port}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        verify=ssl.create_default_context(cafile=kube.side.tls / "cert.pem"),
        timeout=30,
    ) as client:
        yield client


def refused(kube: Kube, *words: str, stdin: str = "") -> str:
    """What kubectl says of something that must be refused."""
    said = kube(*words, stdin=stdin)
    assert said.code == 1, said.out
    return said.out


def set_of_pods(kube: Kube) -> set[str]:
    """All pods of the API, those that leave as well."""
    names = kube.ok("get", "pods", "-l", "app=api", "-o", "name").split()
    return {name.removeprefix("pod/") for name in names}


@pytest.mark.parametrize(
    ("kind", "patch", "said"),
    [
        ("strategic", '{"spec":{"replcias":1}}', 'unknown field "spec.replcias"'),
        ("strategic", '{"spec":{"replicas":"two"}}', "cannot unmarshal string into field spec.replicas"),
        ("strategic", '{"spec":{"template":7}}', "spec.template of type object"),
        ("strategic", '{"spec":{"$retainKeys":7}}', "unable to apply the patch"),
        (
            "strategic",
            '{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}',
            "does not contain declared merge key: name",
        ),
        (
            "merge",
            '{"spec":{"template":{"spec":{"containers":[{"name":"api"}]}}}}',
            "containers[0].image: Required value",
        ),
        ("merge", '{"spec":{"template":{"spec":{"containers":[null]}}}}', "of type object"),
        ("merge", '{"metadata":null}', "the patch leaves no object"),
        ("json", '[{"op":"move","from":"/spec/replicas","path":"/spec/x"}]', "unsupported operation"),
        ("json", '[{"op":"test","path":"/spec/replicas","value":9}]', "testing /spec/replicas"),
        ("json", '[{"op":"add","path":"/metadata/labels/a","value":1}]', "metadata.labels.a of type string"),
    ],
)
def test_a_malformed_patch_is_refused_and_changes_nothing(
    kube: Kube, kind: str, patch: str, said: str
) -> None:
    """Each with the field that is wrong, where there is one."""
    before = kube.ok("get", "deployment", "api", "-o", "jsonpath={.metadata.generation}{.spec}")
    assert said in refused(kube, "patch", "deployment", "api", f"--type={kind}", "-p", patch)
    assert kube.ok("get", "deployment", "api", "-o", "jsonpath={.metadata.generation}{.spec}") == before
    assert kube.diary.acts == []


def test_what_is_no_patch_at_all_is_answered_with_a_status(kube: Kube, http: httpx.Client) -> None:
    """No JSON, too much of it, an unknown type of patch."""
    merge = {"Content-Type": "application/merge-patch+json"}
    for body, headers, code in (
        (b"{", merge, 400),
        (b" " * (600 * 1024), merge, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
    ):
        answer = http.patch(API, content=body, headers=headers)
        assert (answer.status_code, answer.json()["kind"], answer.json()["code"]) == (code, "Status", code)
    assert kube.diary.acts == []


def test_a_stale_object_does_not_overwrite_a_newer_one(kube: Kube) -> None:
    """409, in Kubernetes' words; what was done meanwhile stays."""
    mine = kube("get", "deployment", "api", "-o", "json").json()
    kube.ok("label", "deployment/api", "team=web")
    mine["spec"]["replicas"] = 1
    said = refused(kube, "replace", "-f", "-", stdin=json.dumps(mine))
    assert "the object has been modified; please apply your changes to the latest version" in said
    kept = kube("get", "deployment", "api", "-o", "json").json()
    assert (kept["spec"]["replicas"], kept["metadata"]["labels"]["team"]) == (2, "web")


def test_a_dry_run_does_nothing(kube: Kube) -> None:
    """Of the verbs that would make or end something."""
    green = kube("get", "deployment", "api", "-o", "json").json()
    green["metadata"] = {"name": "api-green"}
    kube.ok("create", "--dry-run=server", "-f", "-", stdin=json.dumps(green))
    kube.ok("delete", "pod", min(kube.pods()), "--dry-run=server")
    kube.ok("delete", "deployment", "api", "--dry-run=server")
    kube.ok("scale", "deployment/api", "--replicas=0", "--dry-run=server")
    assert kube.ok("get", "deploy", "-o", "name").split() == ["deployment.apps/api"]
    assert (len(kube.pods()), kube.diary.acts) == (2, [])


def test_a_scale_beyond_the_ceiling_is_refused_whole(kube: Kube) -> None:
    """By each verb that scales; as many as before stay."""
    for words in (
        ("scale", "deployment/api", "--replicas=7"),
        ("patch", "deployment", "api", "-p", '{"spec":{"replicas":7}}'),
    ):
        assert "there is room for 6 pods" in refused(kube, *words)
    assert len(kube.pods()) == 2
    assert {(verb, result.split(":")[0]) for verb, _, _, result in kube.diary.acts} == {("scale", "refused")}


def test_an_image_that_does_not_exist_leaves_the_old_pods_alone(
    kube: Kube, users: Callable[[], list[str]]
) -> None:
    """The new pod waits and can be neither entered nor read; the old ones serve as if nothing were."""
    old = kube.pods()
    users().clear()
    kube.ok("set", "image", "deployment/api", "api=shop/api:9.9")
    until(lambda: "ImagePullBackOff" in kube.ok("get", "pods") or None, what="ImagePullBackOff", timeout_s=30)
    (stuck,) = kube.pods() - old
    assert old < kube.pods()
    assert "its container does not run" in refused(kube, "exec", stuck, "--", "true")
    assert "waiting to start: ImagePullBackOff" in refused(kube, "logs", stuck)
    table = kube.ok("get", "pods")
    assert all(any(line.startswith(name) and "1/1" in line for line in table.splitlines()) for name in old)
    assert kube("rollout", "status", "deployment/api", "--timeout=2s").code == 1
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()
    assert kube.pods() == old
    assert set(users()) <= old


def test_a_stopped_pod_is_not_entered_and_its_log_can_be_read(kube: Kube) -> None:
    """As a database that was stopped stays: until somebody restarts it."""
    label = [f"dev.sev0.lab={kube.shop.lab}", "com.docker.compose.service=redis"]
    (redis,) = kube.shop.api.containers(filters={"label": label})
    kube.shop.api.stop(redis["Id"], timeout=5)
    ready = ("get", "pod", "redis-0", "-o", "jsonpath={.status.containerStatuses[0].ready}")
    until(lambda: kube.ok(*ready) == "false" or None, what="redis-0 is not ready", timeout_s=30)
    assert "its container does not run" in refused(kube, "exec", "redis-0", "--", "true")
    assert kube("cp", "redis-0:/etc/passwd", "passwd").code == 1
    assert "Ready to accept connections" in kube.ok("logs", "redis-0")
    kube.ok("delete", "pod", "redis-0")
    until(lambda: kube.ok(*ready) == "true" or None, what="redis-0 is ready", timeout_s=30)
    assert kube("exec", "redis-0", "--", "true").code == 0


def test_a_pod_that_is_gone_has_no_log(kube: Kube) -> None:
    """A log that is followed ends with its pod; asked for later, it is a 404."""
    gone = min(kube.pods())
    kube.shell(f"(kubectl logs -f {gone}; echo ended $?) > /tmp/followed 2>&1 &")
    kube.ok("delete", "pod", gone)
    kube.ok("wait", "--for=delete", f"pod/{gone}", "--timeout=60s")
    until(lambda: "ended 0" in kube.shell("cat /tmp/followed").out or None, what="it ended", timeout_s=30)
    assert f'pods "{gone}" not found' in refused(kube, "logs", gone)
    assert f'pods "{gone}" not found' in refused(kube, "exec", gone, "--", "true")
    assert f'pods "{gone}" not found' in refused(kube, "delete", "pod", gone)


def test_a_client_that_leaves_in_the_middle_of_a_watch_leaves_nothing_behind(kube: Kube) -> None:
    """Killed, not ended: the server notices by itself."""

    def watched_by(count: int) -> None:
        until(lambda: kube.side.objects.watchers == count or None, what=f"{count} watch", timeout_s=60)

    watched_by(0)
    kube.shell(f"for i in $(seq {LEAVERS}); do kubectl get pods -w > /dev/null & echo $! >> /tmp/pids; done")
    watched_by(LEAVERS)
    kube.shell("kill -9 $(cat /tmp/pids); rm /tmp/pids")
    watched_by(0)


def test_those_who_follow_logs_take_no_thread_from_the_others(kube: Kube, http: httpx.Client) -> None:
    """A pod that says nothing is followed by many: the API answers, and their leaving ends the waiting."""
    name = min(kube.pods())
    with contextlib.ExitStack() as followers:
        for _ in range(FOLLOWERS):
            log = followers.enter_context(
                http.stream("GET", f"{PODS}/{name}/log", params={"follow": "true"}, timeout=60)
            )
            assert log.status_code == 200
        assert http.get(PODS).json()["kind"] == "PodList"
        kube.ok("scale", "deployment/api", "--replicas=3")
    kube.settled()
    assert len(kube.pods()) == 3


def test_a_roll_out_survives_a_restart_of_the_referee(kube: Kube, users: Callable[[], list[str]]) -> None:
    """What was desired is finished; a client that waits for it goes on waiting, and no user notices."""
    old = kube.pods()
    users().clear()
    kube.ok("set", "image", "deployment/api", "api=shop/api:2.0")
    kube.shell("(kubectl rollout status deployment/api --timeout=90s; echo ended $?) > /tmp/status 2>&1 &")
    until(lambda: kube.pods() - old or None, what="the first new pod", timeout_s=30)
    assert kube.pods() & old, "the roll-out was over before it could be disturbed"
    kube.side.restart()
    kube.settled()
    until(lambda: "ended" in kube.shell("cat /tmp/status").out or None, what="it ended", timeout_s=100)
    assert "ended 0" in kube.shell("cat /tmp/status").out
    assert {pod.release for pod in kube.shop.controller.pods if not pod.leaving} == {"2.0"}
    until(lambda: set_of_pods(kube) == kube.pods() or None, what="the old pods are gone", timeout_s=30)
    assert len(kube.pods()) == 2
    history = kube.ok("rollout", "history", "deployment/api").split()
    assert [word for word in history if word.isdecimal()] == ["1", "2"]
    assert all(answer.startswith("api-") for answer in users()), set(users())


def test_a_pod_that_had_to_leave_leaves_after_a_restart(kube: Kube) -> None:
    """And what was asked for while nobody served is not asked for twice."""
    gone = min(kube.pods())
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.ok("delete", "pod", gone, "--wait=false")
    kube.side.restart()
    kube.settled()
    assert gone not in kube.pods()
    until(lambda: set_of_pods(kube) == kube.pods() or None, what="it is gone", timeout_s=30)
    assert len(kube.pods()) == 3
