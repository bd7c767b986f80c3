"""Merge patches and JSON patches; the strategic kind is in `strategic`."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from lab.kube.errors import ApiError, bad_request

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def merged(target: Any, patch: Any) -> Any:
    """*target* after a merge patch (RFC 7386): maps are merged, null deletes, all else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def json_patched(target: Any, operations: Any) -> Any:
    """*target* after a JSON patch (RFC 6902): add, replace, remove and test."""
    if not isinstance(operations, list):
        raise bad_request(f"a JSON patch is a list of operations, got {type(operations).__name__}")
    result = copy.deepcopy(target)
    for operation in operations:
        _operate(result, operation)
    return result


def _operate(root: Any, operation: Mapping[str, Any]) -> None:
    if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
        raise bad_request(f"each operation of a JSON patch needs a path, got {operation!r}")
    verb, path = operation.get("op"), operation["path"]
    keys = [key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:]]
    if verb not in ("add", "replace", "remove", "test") or not keys:
        raise bad_request(f"unsupported operation of a JSON patch: {verb!r} at {path!r}")
    parent = _walk(root, keys[:-1], path, make=verb in ("add", "replace"))
    if isinstance(parent, list):
        _in_list(parent, keys[-1], verb, operation, path)
    else:
        _in_map(parent, keys[-1], verb, operation, path)


def _walk(root: Any, keys: Sequence[str], path: str, *, make: bool) -> Any:
    here = root
    for key in keys:
        if isinstance(here, dict):
            if make and here.get(key) is None:
                here[key] = {}
            here = here.get(key)
        elif isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        else:
            here = None
        if here is None:
            raise _missing(path)
    return here


def _in_map(parent: Any, key: str, verb: str, operation: Mapping[str, Any], path: str) -> None:
    if not isinstance(parent, dict):
        raise _missing(path)
    if verb == "test":
        if parent.get(key) != operation.get("value"):
            raise ApiError(
                422, f"the server rejected our request due to an error in our request: testing {path}"
            )
    elif verb == "remove":
        if key not in parent:
            raise _missing(path)
        del parent[key]
    else:
        parent[key] = copy.deepcopy(operation.get("value"))


def _in_list(parent: list[Any], key: str, verb: str, operation: Mapping[str, Any], path: str) -> None:
    if key == "-" and verb == "add":
        parent.append(copy.deepcopy(operation.get("value")))
        return
    if not key.isdigit() or int(key) >= len(parent) + (verb == "add"):
        raise _missing(path)
    at = int(key)
    if verb == "add":
        parent.insert(at, copy.deepcopy(operation.get("value")))
    elif verb == "remove":
        del parent[at]
    elif verb == "replace":
        parent[at] = copy.deepcopy(operation.get("value"))
    elif parent[at] != operation.get("value"):
        raise ApiError(422, f"the server rejected our request due to an error in our request: testing {path}")


def _missing(path: str) -> ApiError:
    return ApiError(
        422, f"the server rejected our request due to an error in our request: no value at {path}"
    )
