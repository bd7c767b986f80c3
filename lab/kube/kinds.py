"""The kinds of object that this API has, and what may be done to each."""

from dataclasses import dataclass

READ = ("get", "list", "watch")
CHANGE = ("patch", "update")


@dataclass(frozen=True, kw_only=True)
class Sub:
    """A subresource: pods/log, deployments/scale."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind; *verbs* are those that the API has at all, whoever asks."""

    kind: str
    plural: str
    singular: str
    group: str
    version: str
    verbs: tuple[str, ...]
    short: tuple[str, ...] = ()
    in_all: bool = False
    namespaced: bool = True
    subs: tuple[Sub, ...] = ()

    @property
    def api_version(self) -> str:
        """As objects carry it: v1, apps/v1."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        """As errors name it: pods, deployments.apps."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def sub(self, name: str) -> Sub | None:
        """Its subresource of that name."""
        return next((sub for sub in self.subs if sub.name == name), None)


def _core(
    kind: str,
    plural: str,
    *short: str,
    verbs: tuple[str, ...],
    in_all: bool = False,
    namespaced: bool = True,
    subs: tuple[Sub, ...] = (),
) -> Kind:
    return Kind(
        kind=kind,
        plural=plural,
        singular=kind.lower(),
        group="",
        version="v1",
        verbs=verbs,
        short=short,
        in_all=in_all,
        namespaced=namespaced,
        subs=subs,
    )


def _apps(kind: str, plural: str, short: str, verbs: tuple[str, ...], *subs: Sub) -> Kind:
    return Kind(
        kind=kind,
        plural=plural,
        singular=kind.lower(),
        group="apps",
        version="v1",
        verbs=verbs,
        short=(short,),
        in_all=True,
        subs=subs,
    )


SCALE = Sub(name="scale", kind="Scale", group="autoscaling", version="v1", verbs=("get", "patch", "update"))

PODS = _core(
    "Pod",
    "pods",
    "po",
    verbs=(*READ, *CHANGE, "delete"),
    in_all=True,
    subs=(
        Sub(name="log", kind="Pod", verbs=("get",)),
        Sub(name="exec", kind="PodExecOptions", verbs=("get", "create")),
        Sub(name="eviction", kind="Eviction", group="policy", version="v1", verbs=("create",)),
    ),
)
SERVICES = _core("Service", "services", "svc", verbs=(*READ, *CHANGE), in_all=True)
CONFIG_MAPS = _core("ConfigMap", "configmaps", "cm", verbs=(*READ, *CHANGE))
SECRETS = _core("Secret", "secrets", verbs=READ)
EVENTS = _core("Event", "events", "ev", verbs=READ)
NODES = _core("Node", "nodes", "no", verbs=READ, namespaced=False)
NAMESPACES = _core("Namespace", "namespaces", "ns", verbs=READ, namespaced=False)
DEPLOYMENTS = _apps("Deployment", "deployments", "deploy", (*READ, *CHANGE, "create", "delete"), SCALE)
REPLICA_SETS = _apps("ReplicaSet", "replicasets", "rs", READ)
STATEFUL_SETS = _apps("StatefulSet", "statefulsets", "sts", (*READ, *CHANGE), SCALE)

KINDS = (
    PODS,
    SERVICES,
    CONFIG_MAPS,
    SECRETS,
    EVENTS,
    NODES,
    NAMESPACES,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
)

METRICS_GROUP, METRICS_VERSION = "metrics.k8s.io", "v1beta1"
POD_METRICS = Kind(
    kind="PodMetrics",
    plural="pods",
    singular="",
    group=METRICS_GROUP,
    version=METRICS_VERSION,
    verbs=("get", "list"),
)
NODE_METRICS = Kind(
    kind="NodeMetrics",
    plural="nodes",
    singular="",
    group=METRICS_GROUP,
    version=METRICS_VERSION,
    verbs=("get", "list"),
    namespaced=False,
)


def _review(kind: str, plural: str, group: str) -> Kind:
    return Kind(
        kind=kind, plural=plural, singular="", group=group, version="v1", verbs=("create",), namespaced=False
    )


ACCESS_REVIEWS = _review("SelfSubjectAccessReview", "selfsubjectaccessreviews", "authorization.k8s.io")
RULES_REVIEWS = _review("SelfSubjectRulesReview", "selfsubjectrulesreviews", "authorization.k8s.io")
WHO_AM_I = _review("SelfSubjectReview", "selfsubjectreviews", "authentication.k8s.io")

ALL = (*KINDS, POD_METRICS, NODE_METRICS, ACCESS_REVIEWS, RULES_REVIEWS, WHO_AM_I)


def find(group: str, version: str, plural: str) -> Kind | None:
    """The kind that is served under a path."""
    return next((k for k in ALL if (k.group, k.version, k.plural) == (group, version, plural)), None)
