"""Turns what the pod controller tells, and what is seen of services, into the cluster's events."""

from collections.abc import Mapping
from typing import Any

from lab.kube import kinds
from lab.referee.cluster.book import About, Book
from lab.referee.cluster.lives import Life
from lab.referee.cluster.meta import uid_of
from lab.referee.cluster.setviews import Member, member_pod_uid
from lab.referee.pods.model import Deployment, Pod
from lab.scenario import Change

KUBELET, SCHEDULER = "kubelet", "default-scheduler"
DEPLOYER, SETS = "deployment-controller", "statefulset-controller"
MINUTE_S = 60.0


def about_pod(name: str) -> About:
    """A deployment's pod, for an event."""
    return About(kind=kinds.PODS, name=name, uid=uid_of("pod", name))


def about_deployment(want: Deployment) -> About:
    """A deployment, for an event."""
    return About(kind=kinds.DEPLOYMENTS, name=want.name, uid=want.uid)


def about_set(name: str) -> About:
    """A stateful set, for an event."""
    return About(kind=kinds.STATEFUL_SETS, name=name, uid=uid_of("statefulset", name))


def about_member(member: Member, life: Life) -> About:
    """A service's pod, for an event."""
    return About(kind=kinds.PODS, name=member.pod, uid=member_pod_uid(member, life))


class Happenings:
    """Writes events into the book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def before(self, changes: tuple[Change, ...], started_t: float, members: frozenset[str]) -> None:
        """Changes that are older than the drill."""
        for change in changes:
            t = started_t - change.minutes_ago * MINUTE_S
            if change.component in members:
                about = about_set(change.component)
            else:
                uid = uid_of("service", change.component)
                about = About(kind=kinds.SERVICES, name=change.component, uid=uid)
            what = f"{change.what} (by {change.by})"
            self._book.add(about, "Changed", what, component=change.by, t=t, once=True)

    def told(self, detail: Mapping[str, Any], image: str) -> None:
        """Something that the controller told of a pod."""
        name, state, reason = str(detail["name"]), detail["state"], str(detail.get("reason", ""))
        about = about_pod(name)
        say = self._book.add
        if state == "starting":
            where = f"Successfully assigned default/{name} to lab"
            say(about, "Scheduled", where, component=SCHEDULER, once=True)
            say(about, "Pulled", f'Container image "{image}" already present on machine', component=KUBELET)
        elif state in ("not ready", "unhealthy") and reason:
            say(about, "Unhealthy", f"Readiness probe failed: {reason}", component=KUBELET, warning=True)
        elif state == "not ready":
            say(about, "Created", "Created container: api", component=KUBELET)
            say(about, "Started", "Started container api", component=KUBELET)
        elif state == "crashed":
            oom = reason == "out of memory"
            if oom:
                message = "Memory cgroup out of memory: killed a process of container api"
                say(about, "OOMKilling", message, component=KUBELET, warning=True)
            say(
                about,
                "BackOff",
                f"Back-off restarting failed container api in pod {name} ({reason})",
                component=KUBELET,
                warning=True,
            )
        elif state == "waiting":
            say(about, "Failed", reason, component=KUBELET, warning=True)
            say(about, "BackOff", f'Back-off pulling image "{image}"', component=KUBELET, warning=True)
        elif state == "leaving":
            say(about, "Killing", "Stopping container api", component=KUBELET)

    def scaled(self, want: Deployment, pods: list[Pod]) -> None:
        """How many pods each template of a deployment has now."""
        for revision in want.revisions:
            key = f"scale/{want.uid}/{revision.hash}"
            count = sum(pod.hash == revision.hash and not pod.leaving for pod in pods)
            was = self._book.memory.get(key) or 0
            if count != was:
                self._book.memory.put(key, count)
                direction = "up" if count > was else "down"
                message = f"Scaled {direction} replica set {want.name}-{revision.hash} from {was} to {count}"
                self._book.add(about_deployment(want), "ScalingReplicaSet", message, component=DEPLOYER)

    def lived(self, member: Member, was: Life | None, now: Life) -> None:
        """What became of a service's pod since it was seen last; a first look is no news."""
        if was is None or now.started_t == was.started_t:
            return
        if now.created_t != was.created_t:
            self._replaced(member, was, now)
        elif now.oom_killed:
            killed = f"Memory cgroup out of memory: killed a process of container {member.name}"
            about = about_member(member, now)
            self._book.add(about, "OOMKilling", killed, component=KUBELET, warning=True, t=now.finished_t)
        self._started(member, now)

    def _replaced(self, member: Member, was: Life, now: Life) -> None:
        name, pod, say = member.name, member.pod, self._book.add
        about = about_set(name)
        say(about_member(member, was), "Killing", f"Stopping container {name}", component=KUBELET)
        for reason, verb in (("SuccessfulDelete", "delete"), ("SuccessfulCreate", "create")):
            said = f"{verb} Pod {pod} in StatefulSet {name} successful"
            say(about, reason, said, component=SETS, t=now.started_t)
        where = f"Successfully assigned default/{pod} to lab"
        say(about_member(member, now), "Scheduled", where, component=SCHEDULER, t=now.started_t)

    def _started(self, member: Member, now: Life) -> None:
        about, name, say = about_member(member, now), member.name, self._book.add
        say(about, "Created", f"Created container: {name}", component=KUBELET, t=now.started_t)
        say(about, "Started", f"Started container {name}", component=KUBELET, t=now.started_t)
