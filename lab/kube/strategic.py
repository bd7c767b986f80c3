"""Strategic merge patches: lists of named things are merged by their key, all else as in a merge patch.

The subset that kubectl is seen to send: null deletes, `$patch: delete|replace`, `$setElementOrder/X`,
`$retainKeys`, `$deleteFromPrimitiveList/X`.
"""

import copy
from collections.abc import Mapping
from typing import Any

from lab.kube.errors import bad_request

Json = dict[str, Any]

KEYS: Mapping[str, str] = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "conditions": "type",
    "addresses": "type",
    "ownerReferences": "uid",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
}
ORDER, DELETE_FROM = "$setElementOrder/", "$deleteFromPrimitiveList/"


def strategic(target: Any, patch: Any, *, field: str = "") -> Any:
    """*target* after a strategic merge patch."""
    if isinstance(patch, list):
        return _list(target if isinstance(target, list) else [], patch, field, None)
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    if patch.get("$patch") == "replace":
        return _stripped({key: value for key, value in patch.items() if key != "$patch"})
    return _map(target if isinstance(target, dict) else {}, patch)


def _map(target: Json, patch: Json) -> Json:
    result = dict(target)
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            name = key.removeprefix(DELETE_FROM)
            result[name] = [one for one in result.get(name, []) if one not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, list):
            result[key] = _list(result.get(key) or [], value, key, patch.get(ORDER + key))
        else:
            result[key] = strategic(result.get(key), value, field=key)
    for key, value in patch.items():
        name = key.removeprefix(ORDER)
        if key.startswith(ORDER) and name not in patch and isinstance(result.get(name), list):
            result[name] = _ordered(result[name], value, name)
    return result


def _key_of(field: str, items: list[Any]) -> str:
    """The key by which a list is merged; empty where it is replaced as a whole."""
    key = KEYS.get(field, "")
    if field == "ports" and any(isinstance(one, dict) and "port" in one for one in items):
        return "port"
    return key


def _list(target: list[Any], patch: list[Any], field: str, order: list[Any] | None) -> list[Any]:
    key = _key_of(field, [*target, *patch])
    if not key or not all(isinstance(one, dict) for one in patch):
        return [_stripped(one) for one in patch]
    if any(one.get("$patch") == "replace" for one in patch):
        return [_stripped(one) for one in patch if "$patch" not in one]
    result = {one.get(key): one for one in target}
    for one in patch:
        if key not in one:
            raise bad_request(f"map: {one} does not contain declared merge key: {key}")
        if one.get("$patch") == "delete":
            result.pop(one[key], None)
        else:
            result[one[key]] = strategic(result[one[key]], one) if one[key] in result else _stripped(one)
    merged = list(result.values())
    return _ordered(merged, order, field) if order else merged


def _ordered(items: list[Any], order: list[Any], field: str) -> list[Any]:
    key = _key_of(field, items)
    wanted = {one.get(key) if isinstance(one, dict) else one: at for at, one in enumerate(order)}
    last = len(wanted)
    return sorted(items, key=lambda one: wanted.get(one.get(key) if isinstance(one, dict) else one, last))


def _stripped(value: Any) -> Any:
    """What is newly added, without directives and nulls."""
    if isinstance(value, dict):
        return {k: _stripped(v) for k, v in value.items() if not k.startswith("$") and v is not None}
    if isinstance(value, list):
        return [_stripped(one) for one in value]
    return value
