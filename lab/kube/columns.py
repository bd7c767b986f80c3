"""What `kubectl get` shows of each kind: columns, and a row's cells made from the object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lab.kube import kinds
from lab.kube.ages import age, unix

Json = dict[str, Any]
NONE = "<none>"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An object at a time."""

    thing: Json
    now_t: float

    def at(self, path: str, default: Any = "") -> Any:
        """The value under a dotted path; *default* where there is none."""
        here: Any = self.thing
        for key in path.split("."):
            here = here.get(key) if isinstance(here, dict) else None
        return default if here is None else here

    @property
    def age(self) -> str:
        """How long ago it was made."""
        return self.since("metadata.creationTimestamp")

    def since(self, path: str) -> str:
        """How long ago a time stamp was."""
        text = self.at(path)
        return age(self.now_t - unix(text)) if text else "<unknown>"


Cell: TypeAlias = Callable[[Seen], Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; a *wide* one is shown with -o wide only."""

    name: str
    cell: Cell
    wide: bool = False


def _name(seen: Seen) -> str:
    return str(seen.thing["metadata"]["name"])


def _containers(seen: Seen, template: str = "spec.template.spec") -> list[Json]:
    return list(seen.at(f"{template}.containers", []))


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or NONE


def _statuses(seen: Seen) -> list[Json]:
    return list(seen.at("status.containerStatuses", []))


def pod_status(seen: Seen) -> str:
    """The STATUS of a pod: why its container waits or ended, Terminating, or its phase."""
    if seen.at("metadata.deletionTimestamp"):
        return "Terminating"
    for status in _statuses(seen):
        state = status.get("state", {})
        for kind in ("waiting", "terminated"):
            if reason := state.get(kind, {}).get("reason"):
                return str(reason)
    return str(seen.at("status.reason") or seen.at("status.phase"))


def _restarts(seen: Seen) -> str:
    statuses = _statuses(seen)
    count = sum(one.get("restartCount", 0) for one in statuses)
    ended = [t for one in statuses if (t := one.get("lastState", {}).get("terminated", {}).get("finishedAt"))]
    return f"{count} ({age(seen.now_t - unix(max(ended)))} ago)" if count and ended else str(count)


def _ready(seen: Seen) -> str:
    statuses = _statuses(seen)
    return f"{sum(bool(one.get('ready')) for one in statuses)}/{len(seen.at('spec.containers', []))}"


def _ports(seen: Seen) -> str:
    return ",".join(f"{p['port']}/{p.get('protocol', 'TCP')}" for p in seen.at("spec.ports", [])) or NONE


def _node_ready(seen: Seen) -> str:
    ready = [c for c in seen.at("status.conditions", []) if c["type"] == "Ready"]
    return "Ready" if ready and ready[0]["status"] == "True" else "NotReady"


def _address(seen: Seen) -> str:
    return next(
        iter(a["address"] for a in seen.at("status.addresses", []) if a["type"] == "InternalIP"), NONE
    )


NAME = Column(name="Name", cell=_name)
AGE = Column(name="Age", cell=lambda s: s.age)
CONTAINERS = Column(name="Containers", cell=lambda s: ",".join(c["name"] for c in _containers(s)), wide=True)
IMAGES = Column(name="Images", cell=lambda s: ",".join(c["image"] for c in _containers(s)), wide=True)
SELECTOR = Column(name="Selector", cell=lambda s: _labels(s.at("spec.selector.matchLabels", {})), wide=True)


def _at(name: str, path: str, default: Any = "", *, wide: bool = False) -> Column:
    return Column(name=name, cell=lambda s: s.at(path, default), wide=wide)


COLUMNS: Mapping[kinds.Kind, Sequence[Column]] = {
    kinds.PODS: (
        NAME,
        Column(name="Ready", cell=_ready),
        Column(name="Status", cell=pod_status),
        Column(name="Restarts", cell=_restarts),
        AGE,
        _at("IP", "status.podIP", NONE, wide=True),
        _at("Node", "spec.nodeName", NONE, wide=True),
        _at("Nominated Node", "status.nominatedNodeName", NONE, wide=True),
        Column(name="Readiness Gates", cell=lambda _: NONE, wide=True),
    ),
    kinds.DEPLOYMENTS: (
        NAME,
        Column(name="Ready", cell=lambda s: f"{s.at('status.readyReplicas', 0)}/{s.at('spec.replicas', 0)}"),
        _at("Up-to-date", "status.updatedReplicas", 0),
        _at("Available", "status.availableReplicas", 0),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    kinds.REPLICA_SETS: (
        NAME,
        _at("Desired", "spec.replicas", 0),
        _at("Current", "status.replicas", 0),
        _at("Ready", "status.readyReplicas", 0),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ),
    kinds.STATEFUL_SETS: (
        NAME,
        Column(name="Ready", cell=lambda s: f"{s.at('status.readyReplicas', 0)}/{s.at('spec.replicas', 0)}"),
        AGE,
        CONTAINERS,
        IMAGES,
    ),
    kinds.SERVICES: (
        NAME,
        _at("Type", "spec.type"),
        _at("Cluster-IP", "spec.clusterIP", NONE),
        Column(name="External-IP", cell=lambda _: NONE),
        Column(name="Port(s)", cell=_ports),
        AGE,
        Column(name="Selector", cell=lambda s: _labels(s.at("spec.selector", {})), wide=True),
    ),
    kinds.CONFIG_MAPS: (NAME, Column(name="Data", cell=lambda s: len(s.at("data", {}))), AGE),
    kinds.SECRETS: (
        NAME,
        _at("Type", "type"),
        Column(name="Data", cell=lambda s: len(s.at("data", {}))),
        AGE,
    ),
    kinds.NAMESPACES: (NAME, _at("Status", "status.phase"), AGE),
    kinds.NODES: (
        NAME,
        Column(name="Status", cell=_node_ready),
        Column(name="Roles", cell=lambda _: NONE),
        AGE,
        _at("Version", "status.nodeInfo.kubeletVersion"),
        Column(name="Internal-IP", cell=_address, wide=True),
        Column(name="External-IP", cell=lambda _: NONE, wide=True),
        _at("OS-Image", "status.nodeInfo.osImage", wide=True),
        _at("Kernel-Version", "status.nodeInfo.kernelVersion", wide=True),
        _at("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", wide=True),
    ),
    kinds.EVENTS: (
        Column(name="Last Seen", cell=lambda s: s.since("lastTimestamp")),
        _at("Type", "type"),
        _at("Reason", "reason"),
        Column(
            name="Object",
            cell=lambda s: f"{s.at('involvedObject.kind').lower()}/{s.at('involvedObject.name')}",
        ),
        _at("Subobject", "involvedObject.fieldPath", wide=True),
        _at("Source", "source.component", wide=True),
        _at("Message", "message"),
        Column(name="First Seen", cell=lambda s: s.since("firstTimestamp"), wide=True),
        _at("Count", "count", 1, wide=True),
        Column(name="Name", cell=_name, wide=True),
    ),
}
