"""The lab's own services as stateful sets of one, with their pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.referee.cluster.lives import UP, Life
from lab.referee.cluster.meta import condition, owner, thing, uid_of
from lab.referee.cluster.podviews import NODE
from lab.referee.services import Service

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A service that the cluster shows.

    *image* is what a person is told it runs. *exec_env* is what the trainee's programs inside are given,
    *exec_user* who they run as; *restartable*: whether the trainee may restart it.
    """

    name: str
    image: str
    port: int
    restartable: bool = True
    exec_user: str = "nobody"
    exec_env: Mapping[str, str] | None = None

    @property
    def pod(self) -> str:
        """The name of its one pod."""
        return f"{self.name}-0"

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the set and of its pod."""
        return {"app": self.name}


def set_view(member: Member, service: Service, notes: Mapping[str, Mapping[str, str]], made_t: float) -> Json:
    """The stateful set of a service."""
    ready = int(service.state == "running")
    head = thing(
        kinds.STATEFUL_SETS,
        member.name,
        uid=uid_of("statefulset", member.name),
        created_t=made_t,
        labels={**member.labels, **notes.get("labels", {})},
        annotations=notes.get("annotations"),
        generation=1,
    )
    labels = {"metadata": {"labels": member.labels, "annotations": dict(notes.get("template", {}))}}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": member.labels},
        "serviceName": member.name,
        "template": {**labels, "spec": _spec(member)},
        "updateStrategy": {"type": "RollingUpdate"},
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
    }
    hash_ = f"{member.name}-{uid_of(service.id)[:8]}"
    status: Json = {"observedGeneration": 1, "replicas": 1, "currentReplicas": 1, "updatedReplicas": 1}
    status |= {"readyReplicas": ready, "availableReplicas": ready, "collisionCount": 0}
    status |= {"currentRevision": hash_, "updateRevision": hash_}
    return {**head, "spec": spec, "status": status}


def member_pod_uid(member: Member, life: Life) -> str:
    """The uid of a service's pod: another one when it was replaced."""
    return uid_of("pod", member.pod, life.container, str(life.created_t))


def member_pod_view(member: Member, service: Service, life: Life) -> Json:
    """The one pod of a service's set."""
    running, ready = service.state in UP, service.state == "running"
    head = thing(
        kinds.PODS,
        member.pod,
        uid=member_pod_uid(member, life),
        created_t=life.created_t,
        labels={**member.labels, "statefulset.kubernetes.io/pod-name": member.pod},
        generateName=f"{member.name}-",
        ownerReferences=owner(kinds.STATEFUL_SETS, member.name, uid_of("statefulset", member.name)),
    )
    status: Json = {
        "phase": "Running",
        "startTime": stamp(life.created_t),
        "conditions": [
            condition(one, true=one in ("PodScheduled", "Initialized") or ready, t=service.started_t)
            for one in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        ],
        "containerStatuses": [
            {
                "name": member.name,
                "image": member.image,
                "imageID": "",
                "containerID": f"docker://{service.id}",
                "ready": ready,
                "started": running,
                "restartCount": life.restarts,
                "state": _state(member, service, life),
                "lastState": {"terminated": _ended(life)} if life.restarts and life.finished_t else {},
            }
        ],
    }
    if address := next(iter(service.addresses.values()), ""):
        status |= {"podIP": address, "podIPs": [{"ip": address}], "hostIP": "127.0.0.1"}
    return {**head, "spec": {**_spec(member), "nodeName": NODE, "hostname": member.pod}, "status": status}


def _state(member: Member, service: Service, life: Life) -> Json:
    if service.state in UP:
        return {"running": {"startedAt": stamp(service.started_t)}}
    if service.state == "restarting":
        message = f"back-off restarting failed container={member.name} pod={member.pod}_default"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    if not service.finished_t:
        return {"waiting": {"reason": "ContainerCreating"}}
    return {"terminated": _ended(life)}


def _ended(life: Life) -> Json:
    finished = {"finishedAt": stamp(life.finished_t)}
    if life.exit_code is None:  # what Kubernetes says where it missed the end
        return {"reason": "ContainerStatusUnknown", "exitCode": 137, **finished}
    reason = "OOMKilled" if life.oom_killed else "Error" if life.exit_code else "Completed"
    return {"reason": reason, "exitCode": life.exit_code, **finished}


def _spec(member: Member) -> Json:
    container = {
        "name": member.name,
        "image": member.image,
        "ports": [{"containerPort": member.port, "protocol": "TCP"}],
    }
    return {"containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 20}


def service_views(
    members: Sequence[Member], selectors: Mapping[str, Mapping[str, str]], made_t: float
) -> list[Json]:
    """A Service for each stateful set, and one for each that sends requests to deployments."""
    own = {member.name: (member.labels, member.port) for member in members}
    fronts = {name: (dict(selector), 8080) for name, selector in selectors.items()}
    return [
        _service(name, labels, port, made_t) for name, (labels, port) in sorted({**own, **fronts}.items())
    ]


def _service(name: str, selector: Mapping[str, str], port: int, made_t: float) -> Json:
    return {
        **thing(kinds.SERVICES, name, uid=uid_of("service", name), created_t=made_t, labels={"app": name}),
        "spec": {
            "type": "ClusterIP",
            "clusterIP": "None",
            "clusterIPs": ["None"],
            "selector": dict(selector),
            "ports": [{"port": port, "targetPort": port, "protocol": "TCP"}],
            "sessionAffinity": "None",
        },
        "status": {"loadBalancer": {}},
    }
