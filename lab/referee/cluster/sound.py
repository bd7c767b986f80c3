"""Which templates this lab can run: what may be set on a container, and to what. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from lab.kube import kinds
from lab.kube.calls import Call
from lab.kube.errors import forbidden, invalid
from lab.kube.quantities import bytes_of, cores_of
from lab.referee.cluster import fixed
from lab.referee.cluster.deployviews import HASH
from lab.referee.pods import template as templates

Json = dict[str, Any]
Config: TypeAlias = Mapping[str, Mapping[str, str]]
Wrong: TypeAlias = Iterator[tuple[str, str]]

ENV_NAMES = (
    "CACHE_SINGLE_FLIGHT",
    "DB_CONNECT_TIMEOUT_S",
    "DB_MAX_OVERFLOW",
    "DB_POOL_PRE_PING",
    "DB_POOL_SIZE",
    "DB_POOL_TIMEOUT_S",
    "DB_THREADS",
    "READY_AFTER_S",
    "READ_REPLICAS",
    "SALES_ORDERS",
)
"""What may be set on the API: how it works, and which of its servers it reads; never an address."""

NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,3})?")
MIN_MEMORY_BYTES, MAX_MEMORY_BYTES, MAX_CORES = 32 * 2**20, 512 * 2**20, 2.0
CHANGEABLE = ("image", "env", "resources")
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
DEFAULTS: Mapping[str, Any] = {
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "serviceAccount": "default",
    "serviceAccountName": "default",
    "enableServiceLinks": True,
}
"""What Kubernetes adds to every pod: an object that was printed there says so."""


def cleaned_template(template: Json) -> Json:
    """A template without what the server adds, and without nulls."""
    metadata = {k: v for k, v in (template.get("metadata") or {}).items() if v and k != "creationTimestamp"}
    if labels := metadata.get("labels"):
        metadata["labels"] = {key: value for key, value in labels.items() if key != HASH}
    spec = {key: value for key, value in (template.get("spec") or {}).items() if value is not None}
    containers = [_without_empty(one) for one in spec.get("containers") or []]
    return {"metadata": metadata, "spec": {**spec, "containers": containers}}


def _without_empty(container: Json) -> Json:
    kept = {key: value for key, value in container.items() if value not in (None, [])}
    if kept.get("resources") == {}:
        kept.pop("resources")
    return kept


def sound_template(
    call: Call,
    name: str,
    asked: Json,
    selector: Mapping[str, str],
    *,
    like: Mapping[str, Any],
    config: Config,
) -> Json:
    """The template that is asked for, completed by what *like*, one that is sound, has besides.

    Raises 403 or 422 where it asks for more than this lab lets anybody change.
    """
    template = cleaned_template(asked)
    if missing := [cause for one in template["spec"]["containers"] for cause in _wrong_image(one)]:
        raise invalid(kinds.DEPLOYMENTS, name, missing)
    _check_fixed(call, name, template, like)
    labels = template["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        wrong = f"Invalid value: {labels}: `selector` does not match template `labels`"
        raise invalid(kinds.DEPLOYMENTS, name, [("spec.template.metadata.labels", wrong)])
    container = templates.container(template)
    causes = [*_wrong_env(container, config), *_wrong_resources(container)]
    if causes:
        raise invalid(kinds.DEPLOYMENTS, name, causes)
    whole = {**container, **fixed.without(templates.container(like), *CHANGEABLE)}
    return {**template, "spec": {**template["spec"], **like["spec"], "containers": [whole]}}


def _check_fixed(call: Call, name: str, template: Json, like: Mapping[str, Any]) -> None:
    containers = template["spec"]["containers"]
    if len(containers) != 1 or containers[0].get("name") != "api":
        why = "a pod of this lab has one container, named api"
        raise forbidden(call.user, call.verb, kinds.DEPLOYMENTS, name, why=why)
    exact = call.method == "PATCH"
    has = fixed.without(like["spec"], "containers")
    spec = fixed.without(template["spec"], "containers")
    spec = {key: value for key, value in spec.items() if key in has or value != DEFAULTS.get(key)}
    fixed.refuse(call, name, fixed.differing(spec, has, POD, exact=exact))
    asked, sound = (fixed.without(c, *CHANGEABLE) for c in (containers[0], templates.container(like)))
    fixed.refuse(call, name, fixed.differing(asked, sound, CONTAINER, exact=exact))


def check_setting(name: str, value: str) -> str:
    """What is wrong with a setting of the API; empty where nothing is."""
    return check_name(name) or (
        "" if NUMBER.fullmatch(value) else f"Invalid value: {value!r}: {name} must be a number"
    )


def check_name(name: str) -> str:
    """What is wrong with a setting's name; empty where nothing is."""
    if name in ENV_NAMES:
        return ""
    return f"Unsupported value: {name!r}: supported values: {', '.join(ENV_NAMES)}"


def _wrong_image(container: Json) -> Wrong:
    if not container.get("image"):
        yield f"{CONTAINER}.image", "Required value"


def _wrong_env(container: Json, config: Config) -> Wrong:
    for at, one in enumerate(container.get("env") or []):
        path, name = f"{CONTAINER}.env[{at}]", str(one.get("name", ""))
        if one.get("valueFrom") is None:
            if wrong := check_setting(name, str(one.get("value", ""))):
                yield path, wrong
        elif wrong := check_name(name):
            yield f"{path}.name", wrong
        else:
            yield from _wrong_source(one, name, f"{path}.valueFrom", config)


def _wrong_source(one: Json, name: str, path: str, config: Config) -> Wrong:
    """What is wrong with a variable that comes from elsewhere: a pod of it would never start."""
    source = {key: value for key, value in one["valueFrom"].items() if value is not None}
    if one.get("value"):
        yield path, "Invalid value: may not be specified when `value` is not empty"
    elif source.keys() != {"configMapKeyRef"}:
        yield path, "Forbidden: only configMapKeyRef can be a source here"
    else:
        yield from _wrong_reference(source["configMapKeyRef"], name, f"{path}.configMapKeyRef", config)


def _wrong_reference(ref: Json, name: str, path: str, config: Config) -> Wrong:
    missing = [part for part in ("name", "key") if not ref.get(part)]
    for part in missing:
        yield f"{path}.{part}", "Required value"
    if missing or ref.get("optional"):
        return
    if ref["name"] not in config:
        yield f"{path}.name", f"Not found: {ref['name']!r}: there is no config map of that name"
    elif ref["key"] not in config[ref["name"]]:
        yield f"{path}.key", f"Not found: {ref['key']!r}: config map {ref['name']!r} has no such key"
    elif wrong := check_setting(name, config[ref["name"]][ref["key"]]):
        yield path, wrong


def _wrong_resources(container: Json) -> Wrong:
    resources = container.get("resources") or {}
    path = f"{CONTAINER}.resources"
    for part in ("limits", "requests"):
        for kind, amount in (resources.get(part) or {}).items():
            if wrong := _wrong_amount(kind, str(amount), bounded=part == "limits"):
                yield f"{path}.{part}.{kind}", wrong
    if resources.get("claims"):
        yield f"{path}.claims", "Forbidden: only limits and requests can be set here"


def _wrong_amount(kind: str, amount: str, *, bounded: bool) -> str:
    """What is wrong with an amount; a request is no more than a promise, so it has no bounds of its own."""
    try:
        if kind == "memory":
            fits = MIN_MEMORY_BYTES <= bytes_of(amount) <= MAX_MEMORY_BYTES
            possible = "32Mi to 512Mi are possible here"
        elif kind == "cpu":
            fits, possible = 0 < cores_of(amount) <= MAX_CORES, f"up to {MAX_CORES:g} are possible here"
        else:
            return f"Unsupported value: {kind!r}: supported values: cpu, memory"
    except ValueError as error:
        return f"Invalid value: {error}"
    return "" if fits or not bounded else f"Invalid value: {amount!r}: {possible}"
