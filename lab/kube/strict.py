"""Fields that objects may have when they are written: a typo is refused by name, as a strict server does.

A schema is a tree of field names; None: anything, a type: a value of it (float: an amount, as a number or
as text), a list of one: each element is so, "*": any key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lab.kube import kinds
from lab.kube.errors import bad_request
from lab.kube.kinds import Kind

Json = dict[str, Any]
Schema: TypeAlias = "dict[str, Schema] | list[Schema] | type | None"


def _leaves(names: str, of: type | None = None) -> "dict[str, Schema]":
    return dict.fromkeys(names.split(), of)


STRINGS: Schema = {"*": str}
AMOUNTS: Schema = {"*": float}
META: Schema = {
    **_leaves("generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds"),
    **_leaves("ownerReferences finalizers managedFields selfLink"),
    **_leaves("name generateName namespace uid resourceVersion", str),
    "labels": STRINGS,
    "annotations": STRINGS,
}
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
KEY_OF: Schema = {**_leaves("name key", str), "optional": bool}
WHOLE: Schema = {"name": str, "optional": bool}
SOURCE: Schema = {
    "configMapKeyRef": KEY_OF,
    "secretKeyRef": KEY_OF,
    "fieldRef": None,
    "resourceFieldRef": None,
}
ENV: Schema = [{**_leaves("name value", str), "valueFrom": SOURCE}]
CONTAINER: Schema = {
    **_leaves("name image", str),
    **_leaves("imagePullPolicy command args workingDir tty stdin stdinOnce"),
    **_leaves("terminationMessagePath terminationMessagePolicy lifecycle volumeMounts volumeDevices"),
    "securityContext": None,
    "restartPolicy": None,
    "resizePolicy": None,
    "env": ENV,
    "envFrom": [{"prefix": str, "configMapRef": WHOLE, "secretRef": WHOLE}],
    "ports": [_leaves("name containerPort hostPort hostIP protocol")],
    "resources": {"limits": AMOUNTS, "requests": AMOUNTS, "claims": None},
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
            "replicas": int,
            "paused": bool,
            **_leaves("minReadySeconds revisionHistoryLimit progressDeadlineSeconds"),
            "selector": {"matchLabels": STRINGS, "matchExpressions": None},
            "strategy": {"type": None, "rollingUpdate": _leaves("maxSurge maxUnavailable")},
            "template": TEMPLATE,
        },
    },
    kinds.STATEFUL_SETS: {**TOP, "spec": {"template": {"metadata": META, "*": None}, "*": None}},
    kinds.PODS: {**TOP, "spec": POD_SPEC},
    kinds.SERVICES: {
        **TOP,
        "spec": {
            **_leaves(
                "type clusterIP clusterIPs ipFamilies ipFamilyPolicy sessionAffinity internalTrafficPolicy"
            ),
            **_leaves("externalName sessionAffinityConfig publishNotReadyAddresses"),
            "selector": STRINGS,
            "ports": [_leaves("name port targetPort protocol nodePort appProtocol")],
        },
    },
    kinds.CONFIG_MAPS: {**TOP, "data": STRINGS, "binaryData": {"*": None}, "immutable": None},
}


SCALE: Schema = {**TOP, "spec": {"replicas": int}}
FITTING: Mapping[type, tuple[type, ...]] = {str: (str,), int: (int,), bool: (bool,), float: (str, int, float)}
WORDS: Mapping[type, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "bool",
    dict: "object",
    list: "array",
    type(None): "null",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A field that the kind does not have or, where *wanted* says which type it has, cannot take."""

    path: str
    got: str = ""
    wanted: str = ""


def check(kind: Kind, thing: Json, *, unknown: bool = True) -> None:
    """Raise 400 naming every field of *thing* that its kind does not have (if *unknown*), or a wrong type."""
    _check(kind.kind, kind.version, SCHEMAS.get(kind), thing, unknown=unknown)


def taken(kind: Kind, thing: Json, validation: str) -> Json:
    """*thing* as it is taken: checked, or without what its kind does not have where that is to be ignored."""
    ignore = validation == "Ignore"
    check(kind, thing, unknown=not ignore)
    return dict(_known(thing, SCHEMAS.get(kind))) if ignore else thing


def check_scale(thing: Json, *, unknown: bool = True) -> None:
    """The same for the Scale of a deployment or a set."""
    _check("Scale", "v1", SCALE, thing, unknown=unknown)


def _check(kind: str, version: str, schema: Schema, thing: Json, *, unknown: bool) -> None:
    problems = list(_problems(thing, schema, ""))
    said = [f'unknown field "{one.path}"' for one in problems if not one.wanted] if unknown else []
    why = f"strict decoding error: {', '.join(said)}" if said else ""
    wrong = next((one for one in problems if one.wanted), None)
    if wrong is not None and not said:
        why = f"cannot unmarshal {wrong.got} into field {wrong.path} of type {wrong.wanted}"
    if why:
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


def _problems(value: Any, schema: Schema, path: str) -> Iterator[Problem]:
    if schema is None:
        return
    if isinstance(schema, type):
        if not isinstance(value, FITTING[schema]) or (isinstance(value, bool) and schema is not bool):
            yield _mistyped(value, path, "quantity" if schema is float else WORDS[schema])
    elif isinstance(schema, list):
        if not isinstance(value, list):
            yield _mistyped(value, path, "array")
            return
        for at, one in enumerate(value):
            yield from _problems(one, schema[0], f"{path}[{at}]")
    elif not isinstance(value, dict):
        yield _mistyped(value, path, "object")
    else:
        yield from _in_map(value, schema, path)


def _in_map(value: Json, schema: "dict[str, Schema]", path: str) -> Iterator[Problem]:
    for key, one in value.items():
        here = f"{path}.{key}" if path else key
        if key not in schema and "*" not in schema:
            yield Problem(path=here)
        elif one is not None:  # a field that is null is one that is not there
            yield from _problems(one, schema.get(key, schema.get("*")), here)


def _known(value: Any, schema: Schema) -> Any:
    """A value that fits its schema, without the fields that are not in it."""
    if isinstance(schema, list) and isinstance(value, list):
        return [_known(one, schema[0]) for one in value]
    if not isinstance(schema, dict) or not isinstance(value, dict):
        return value
    found = {key: (one, schema.get(key, schema.get("*"))) for key, one in value.items()}
    return {key: _known(*pair) for key, pair in found.items() if key in schema or "*" in schema}


def _mistyped(value: Any, path: str, wanted: str) -> Problem:
    return Problem(path=path, got=WORDS.get(type(value), "value"), wanted=wanted)
