"""Turns what the pod controller tells, and what is seen of services, into the cluster's events."""

from collections.abc import Mapping
from typing import Any

from lab.kube import kinds
from lab.referee.cluster.book import About, Book
from lab.referee.cluster.meta import uid_of
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

    def restarted(self, name: str) -> None:
        """A service's container was started anew."""
        say = self._book.add
        say(about_set(name), "SuccessfulCreate", f"create Pod {name}-0 in StatefulSet {name}", component=SETS)
