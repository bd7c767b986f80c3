"""The least OpenAPI document with which kubectl leaves the checking of fields to the server."""

from typing import Any

from lab.kube.kinds import ALL, Kind

Json = dict[str, Any]

PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string"}}
    for name in ("dryRun", "fieldManager", "fieldValidation", "force")
]


def root() -> Json:
    """Where each group's document is."""
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=1"} for path in _paths()}}


def document(path: str) -> Json | None:
    """The document of one group and version ("api/v1", "apis/apps/v1"); None where there is none."""
    kinds = _paths().get(path)
    if kinds is None:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "lab", "version": "v1"},
        "paths": {f"/{path}/{_where(kind)}": {"patch": _patch(kind)} for kind in kinds},
        "components": {"schemas": {}},
    }


def _paths() -> dict[str, list[Kind]]:
    paths: dict[str, list[Kind]] = {}
    for kind in ALL:
        root_path = f"apis/{kind.group}" if kind.group else "api"
        paths.setdefault(f"{root_path}/{kind.version}", []).append(kind)
    return paths


def _where(kind: Kind) -> str:
    return (
        f"namespaces/{{namespace}}/{kind.plural}/{{name}}" if kind.namespaced else f"{kind.plural}/{{name}}"
    )


def _patch(kind: Kind) -> Json:
    return {
        "parameters": PARAMETERS,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
    }
