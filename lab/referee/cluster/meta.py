"""What all objects share: names, stable uids, owners, time stamps."""

import uuid
from collections.abc import Mapping
from typing import Any

from lab.kube.ages import stamp
from lab.kube.kinds import Kind

Json = dict[str, Any]

NAMESPACE = "default"
SPACE = uuid.UUID("6f1b2f0e-52d6-4c6a-9d0f-2f3a2f0a7c11")


def uid_of(*parts: str) -> str:
    """A uid that is the same whenever the same parts are given."""
    return str(uuid.uuid5(SPACE, "/".join(parts)))


def thing(
    kind: Kind,
    name: str,
    *,
    uid: str,
    created_t: float,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **more: Any,
) -> Json:
    """An object's head; *more* goes into its metadata (ownerReferences, generation)."""
    metadata: Json = {"name": name, "uid": uid, "creationTimestamp": stamp(created_t)}
    if kind.namespaced:
        metadata["namespace"] = NAMESPACE
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    metadata |= {key: value for key, value in more.items() if value}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}


def owner(kind: Kind, name: str, uid: str) -> list[Json]:
    """The one controller of an object."""
    return [
        {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "name": name,
            "uid": uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def condition(type_: str, *, true: bool, reason: str = "", message: str = "", t: float) -> Json:
    """One condition of a status; *t*: when it became so."""
    found: Json = {"type": type_, "status": "True" if true else "False", "lastTransitionTime": stamp(t)}
    if reason:
        found |= {"reason": reason, "message": message, "lastUpdateTime": stamp(t)}
    return found
