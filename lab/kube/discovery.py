"""What kubectl asks first: groups, versions and resources; unaggregated, which all versions read."""

from typing import Any

from lab.kube.kinds import ALL, Kind, Sub

Json = dict[str, Any]

CORE = Json(kind="APIVersions", versions=["v1"], serverAddressByClientCIDRs=[])

VERSION = Json(
    major="1",
    minor="32",
    gitVersion="v1.32.0-lab",
    gitCommit="",
    gitTreeState="clean",
    buildDate="2025-01-01T00:00:00Z",
    goVersion="",
    compiler="",
    platform="linux/amd64",
)


def groups() -> Json:
    """The list of named groups."""
    named = sorted({(kind.group, kind.version) for kind in ALL if kind.group})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*one) for one in named]}


def _group(group: str, version: str) -> Json:
    served = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [served], "preferredVersion": served}


def group(name: str) -> Json | None:
    """One group; None where it does not exist."""
    found = next((g for g in groups()["groups"] if g["name"] == name), None)
    return None if found is None else {"kind": "APIGroup", "apiVersion": "v1", **found}


def resources(group_name: str, version: str) -> Json | None:
    """The resources of one group and version; None where there is none."""
    kinds = [kind for kind in ALL if (kind.group, kind.version) == (group_name, version)]
    if not kinds:
        return None
    listed = [entry for kind in kinds for entry in (_resource(kind), *(_sub(kind, sub) for sub in kind.subs))]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group_name}/{version}" if group_name else version,
        "resources": listed,
    }


def _resource(kind: Kind) -> Json:
    entry: Json = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.in_all:
        entry["categories"] = ["all"]
    return entry


def _sub(kind: Kind, sub: Sub) -> Json:
    entry: Json = {
        "name": f"{kind.plural}/{sub.name}",
        "singularName": "",
        "namespaced": kind.namespaced,
        "kind": sub.kind,
        "verbs": list(sub.verbs),
    }
    if sub.group:
        entry |= {"group": sub.group, "version": sub.version}
    return entry
