"""Fields that objects may have when they are written: a typo is refused by name, as a strict server does.

A schema is a tree of field names; None: anything, a list of one: each element is so, "*": any key.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from lab.kube import kinds
from lab.kube.errors import ApiError, bad_request
from lab.kube.kinds import Kind

Json = dict[str, Any]
Schema: TypeAlias = "dict[str, Schema] | list[Schema] | None"


def _leaves(names: str) -> "dict[str, Schema]":
    return dict.fromkeys(names.split())


META: Schema = _leaves(
    "name generateName namespace uid resourceVersion generation creationTimestamp deletionTimestamp"
    " deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields selfLink"
)
HANDLER = {
    "httpGet": _leaves("path port scheme host httpHeaders"),
    "exec": None,
    "tcpSocket": None,
    "grpc": None,
}
PROBE: Schema = {
    **_leaves("initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold"),
    **_leaves("terminationGracePeriodSeconds"),
    **HANDLER,
}
SOURCE: Schema = {
    "configMapKeyRef": _leaves("name key optional"),
    "secretKeyRef": _leaves("name key optional"),
    "fieldRef": None,
    "resourceFieldRef": None,
}
ENV: Schema = [{**_leaves("name value"), "valueFrom": SOURCE}]
CONTAINER: Schema = {
    **_leaves("name image imagePullPolicy command args workingDir tty stdin stdinOnce"),
    **_leaves("terminationMessagePath terminationMessagePolicy lifecycle volumeMounts volumeDevices"),
    "securityContext": None,
    "restartPolicy": None,
    "resizePolicy": None,
    "env": ENV,
    "envFrom": [
        {"prefix": None, "configMapRef": _leaves("name optional"), "secretRef": _leaves("name optional")}
    ],
    "ports": [_leaves("name containerPort hostPort hostIP protocol")],
    "resources": {"limits": {"*": None}, "requests": {"*": None}, "claims": None},
    "livenessProbe": PROBE,
    "readinessProbe": PROBE,
    "startupProbe": PROBE,
}
POD_SPEC: Schema = {
    **_leaves(
        "restartPolicy terminationGracePeriodSeconds dnsPolicy nodeName nodeSelector affinity tolerations"
    ),
    **_leaves(
        "securityContext schedulerName serviceAccountName serviceAccount volumes imagePullSecrets hostname"
    ),
    **_leaves("enableServiceLinks priority priorityClassName preemptionPolicy initContainers"),
    **_leaves("automountServiceAccountToken activeDeadlineSeconds hostNetwork hostAliases"),
    "containers": [CONTAINER],
}
TEMPLATE: Schema = {"metadata": META, "spec": POD_SPEC}
TOP = {"apiVersion": None, "kind": None, "metadata": META, "status": None}
SCHEMAS: dict[Kind, Schema] = {
    kinds.DEPLOYMENTS: {
        **TOP,
        "spec": {
            **_leaves("replicas paused minReadySeconds revisionHistoryLimit progressDeadlineSeconds"),
            "selector": {"matchLabels": {"*": None}, "matchExpressions": None},
            "strategy": {"type": None, "rollingUpdate": _leaves("maxSurge maxUnavailable")},
            "template": TEMPLATE,
        },
    },
    kinds.STATEFUL_SETS: {**TOP, "spec": None},
    kinds.PODS: {**TOP, "spec": POD_SPEC},
    kinds.SERVICES: {
        **TOP,
        "spec": {
            **_leaves(
                "type clusterIP clusterIPs ipFamilies ipFamilyPolicy sessionAffinity internalTrafficPolicy"
            ),
            **_leaves("externalName sessionAffinityConfig publishNotReadyAddresses"),
            "selector": {"*": None},
            "ports": [_leaves("name port targetPort protocol nodePort appProtocol")],
        },
    },
    kinds.CONFIG_MAPS: {**TOP, "data": {"*": None}, "binaryData": {"*": None}, "immutable": None},
}


def check(kind: Kind, thing: Json) -> None:
    """Raise 400 naming every field of *thing* that its kind does not have."""
    unknown = list(_unknown(thing, SCHEMAS.get(kind), ""))
    if unknown:
        said = ", ".join(f'unknown field "{path}"' for path in unknown)
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
            f"strict decoding error: {said}"
        )


def _unknown(value: Any, schema: Schema, path: str) -> Iterator[str]:
    if isinstance(schema, list) and isinstance(value, list):
        for at, one in enumerate(value):
            yield from _unknown(one, schema[0], f"{path}[{at}]")
    elif isinstance(schema, dict) and isinstance(value, dict):
        for key, one in value.items():
            here = f"{path}.{key}" if path else key
            if key in schema:
                yield from _unknown(one, schema[key], here)
            elif "*" not in schema:
                yield here
    elif schema is not None and value is not None:
        wanted = "list" if isinstance(schema, list) else "map"
        raise ApiError(400, f"{path}: must be a {wanted}, got {type(value).__name__}")
