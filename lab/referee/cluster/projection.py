"""Everything that the cluster shows, made from what is wanted and what is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.kube import kinds
from lab.kube.kinds import Kind
from lab.kube.quantities import cpu
from lab.referee.cluster.deployviews import deployment_view, replica_set_views
from lab.referee.cluster.lives import Life
from lab.referee.cluster.meta import condition, thing, uid_of
from lab.referee.cluster.notes import key_of, noted
from lab.referee.cluster.podviews import NODE, pod_view
from lab.referee.cluster.progress import Progress
from lab.referee.cluster.setviews import Member, member_pod_view, service_views, set_view
from lab.referee.pods.model import Pod
from lab.referee.pods.store import State
from lab.referee.services import Service

Json = dict[str, Any]

NOTED = (kinds.SERVICES, kinds.CONFIG_MAPS, kinds.PODS)
SECRET_NAMES = ("api",)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the one node is."""

    cores: float
    memory_bytes: int
    os: str = ""
    kernel: str = ""
    engine: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """A state of the lab; *progress* is that of each deployment, by its uid."""

    state: State
    pods: Sequence[Pod]
    members: Sequence[tuple[Member, Service, Life]]
    machine: Machine
    made_t: float
    progress: Mapping[str, Progress]
    back_off_s: Mapping[str, float] = field(default_factory=dict)


def project(view: View, events: Sequence[Json]) -> dict[Kind, list[Json]]:
    """All objects, by kind."""
    seen = _seen(view, events)
    for kind in NOTED:
        seen[kind] = [noted(one, view.state.notes.get(key_of(one))) for one in seen[kind]]
    return seen


def _seen(view: View, events: Sequence[Json]) -> dict[Kind, list[Json]]:
    state = view.state
    own = {name: [p for p in view.pods if p.deployment == name] for name in state.deployments}
    wants = state.deployments.values()
    return {
        kinds.DEPLOYMENTS: [deployment_view(want, own[want.name], view.progress[want.uid]) for want in wants],
        kinds.REPLICA_SETS: [one for want in wants for one in replica_set_views(want, own[want.name])],
        kinds.PODS: [*(_pod(view, pod) for pod in view.pods), *(member_pod_view(*m) for m in view.members)],
        kinds.STATEFUL_SETS: [
            set_view(member, service, state.notes.get(f"StatefulSet/{member.name}", {}), view.made_t)
            for member, service, _ in view.members
        ],
        kinds.SERVICES: service_views([m for m, _, _ in view.members], state.services, view.made_t),
        kinds.CONFIG_MAPS: [_config_map(name, data, view.made_t) for name, data in state.config.items()],
        kinds.SECRETS: [_secret(name, view.made_t) for name in SECRET_NAMES],
        kinds.NODES: [_node(view)],
        kinds.NAMESPACES: [_namespace(view.made_t)],
        kinds.EVENTS: list(events),
    }


def _pod(view: View, pod: Pod) -> Json:
    want = view.state.deployments.get(pod.deployment)
    revision = next((r for r in want.revisions if r.hash == pod.hash), None) if want else None
    return pod_view(pod, want, revision, back_off_s=view.back_off_s.get(pod.name, 0.0))


def _config_map(name: str, data: Mapping[str, str], made_t: float) -> Json:
    head = thing(kinds.CONFIG_MAPS, name, uid=uid_of("configmap", name), created_t=made_t)
    return {**head, "data": dict(data)}


def _secret(name: str, made_t: float) -> Json:
    head = thing(kinds.SECRETS, name, uid=uid_of("secret", name), created_t=made_t)
    return {**head, "type": "Opaque"}


def _namespace(made_t: float) -> Json:
    head = thing(kinds.NAMESPACES, "default", uid=uid_of("namespace"), created_t=made_t)
    return {**head, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}


def _node(view: View) -> Json:
    machine = view.machine
    capacity = {"cpu": cpu(machine.cores), "memory": f"{machine.memory_bytes // 1024}Ki", "pods": "110"}
    head = thing(kinds.NODES, NODE, uid=uid_of("node"), created_t=view.made_t)
    info = {
        "machineID": "",
        "systemUUID": "",
        "bootID": "",
        "kubeletVersion": "v1.32.0-lab",
        "kubeProxyVersion": "",
        "osImage": machine.os,
        "kernelVersion": machine.kernel,
        "containerRuntimeVersion": f"docker://{machine.engine}",
        "architecture": "amd64",
        "operatingSystem": "linux",
    }
    return {
        **head,
        "spec": {},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [condition("Ready", true=True, reason="LabReady", t=view.made_t)],
            "addresses": [
                {"type": "InternalIP", "address": "127.0.0.1"},
                {"type": "Hostname", "address": NODE},
            ],
            "nodeInfo": info,
        },
    }
