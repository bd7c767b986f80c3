"""What a changed object means for the lab: allowed or not, and which acts it is. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.kube import kinds
from lab.kube.errors import ApiError, forbidden, invalid
from lab.kube.quantities import bytes_of, cores_of
from lab.referee.cluster.deployviews import CAUSE, HASH, REVISION
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment

Json = dict[str, Any]

ENV_NAMES = (
    "DB_CONNECT_TIMEOUT_S",
    "DB_MAX_OVERFLOW",
    "DB_POOL_PRE_PING",
    "DB_POOL_SIZE",
    "DB_POOL_TIMEOUT_S",
    "DB_THREADS",
    "READY_AFTER_S",
)
"""What may be set on the API: how it works, never with whom it talks."""

NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,3})?")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MIN_MEMORY_BYTES, MAX_MEMORY_BYTES, MAX_CORES = 32 * 2**20, 512 * 2**20, 2.0


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that somebody does, as the history names it."""

    verb: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be wanted of a deployment from now on, and the acts that this is.

    Among *fields*, *said* is the cause that somebody gave, where it is another one.
    """

    fields: Mapping[str, Any]
    acts: tuple[Act, ...]
    cause: str


def deployment_change(want: Deployment, old: Json, new: Json, *, user: str, command: str) -> Change | None:
    """The change from one object to another; None where there is none. Raises 403 or 422."""
    _same_identity(want.name, old, new)
    spec = new.get("spec") or {}
    template = cleaned_template(spec.get("template") or {})
    check_template(want.name, template, want.selector, user=user, like=want.template)
    metadata = new.get("metadata") or {}
    annotations = {k: v for k, v in (metadata.get("annotations") or {}).items() if k not in (CAUSE, REVISION)}
    given: dict[str, Any] = {
        "replicas": replicas_of(want.name, spec),
        "template": template,
        "paused": bool(spec.get("paused", False)),
        "labels": templates.without_release(metadata.get("labels") or {}),
        "annotations": annotations,
    }
    _release_follows(want, metadata.get("labels") or {}, user=user, command=command)
    fields = {name: value for name, value in given.items() if value != getattr(want, name)}
    said = str((metadata.get("annotations") or {}).get(CAUSE) or "")
    if said != (old["metadata"].get("annotations") or {}).get(CAUSE, ""):
        fields["said"] = said
    if not fields:
        return None
    cause = fields.get("said") or _earlier_cause(want, template) or f"{command or 'changed'} ({user})"
    return Change(fields=fields, acts=tuple(_acts(want, fields)), cause=cause)


def replicas_of(name: str, spec: Json) -> int:
    """The replicas of a spec, 1 where it says nothing."""
    count = spec.get("replicas", 1)
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise invalid(
            kinds.DEPLOYMENTS,
            name,
            [("spec.replicas", f"Invalid value: {count!r}: must be a whole number, 0 or more")],
        )
    return count


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


CHANGEABLE = {"image", "env", "resources"}


def check_template(
    name: str, template: Json, selector: Mapping[str, str], *, user: str, like: Mapping[str, Any]
) -> None:
    """Raise where a template asks for more than this lab lets anybody change; *like* is one that is sound."""
    containers = template["spec"]["containers"]
    if len(containers) != 1 or containers[0].get("name") != "api":
        why = "a pod of this lab has one container, named api"
        raise forbidden(user, "update", kinds.DEPLOYMENTS, name, why=why)
    sound = templates.container(like)
    for key in sorted(containers[0].keys() | sound.keys()):
        if key not in CHANGEABLE and containers[0].get(key, sound.get(key)) != sound.get(key):
            why = f"spec.template.spec.containers[0].{key} cannot be changed in this lab"
            raise forbidden(user, "update", kinds.DEPLOYMENTS, name, why=why)
    labels = template["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        wrong = f"Invalid value: {labels}: `selector` does not match template `labels`"
        raise invalid(kinds.DEPLOYMENTS, name, [("spec.template.metadata.labels", wrong)])
    causes = [*_wrong_image(containers[0]), *_wrong_env(containers[0]), *_wrong_resources(containers[0])]
    if causes:
        raise invalid(kinds.DEPLOYMENTS, name, causes)


def check_setting(name: str, value: str) -> str:
    """What is wrong with a setting of the API; empty where nothing is."""
    if name not in ENV_NAMES:
        return f"Unsupported value: {name!r}: supported values: {', '.join(ENV_NAMES)}"
    return "" if NUMBER.fullmatch(value) else f"Invalid value: {value!r}: {name} must be a number"


def _wrong_image(container: Json) -> Iterator[tuple[str, str]]:
    if not container.get("image"):
        yield "spec.template.spec.containers[0].image", "Required value"


def _wrong_env(container: Json) -> Iterator[tuple[str, str]]:
    for at, one in enumerate(container.get("env") or []):
        path = f"spec.template.spec.containers[0].env[{at}]"
        if "valueFrom" in one:
            if "configMapKeyRef" not in (one["valueFrom"] or {}):
                yield path, "Forbidden: only configMapKeyRef can be a source here"
        elif wrong := check_setting(str(one.get("name", "")), str(one.get("value", ""))):
            yield path, wrong


def _wrong_resources(container: Json) -> Iterator[tuple[str, str]]:
    path = "spec.template.spec.containers[0].resources.limits"
    limits = (container.get("resources") or {}).get("limits") or {}
    try:
        if "memory" in limits and not MIN_MEMORY_BYTES <= bytes_of(str(limits["memory"])) <= MAX_MEMORY_BYTES:
            yield f"{path}.memory", f"Invalid value: {limits['memory']!r}: 32Mi to 512Mi are possible here"
        if "cpu" in limits and not 0 < cores_of(str(limits["cpu"])) <= MAX_CORES:
            yield f"{path}.cpu", f"Invalid value: {limits['cpu']!r}: up to {MAX_CORES:g} are possible here"
    except ValueError as error:
        yield path, f"Invalid value: {error}"


def _same_identity(name: str, old: Json, new: Json) -> None:
    if (new.get("metadata") or {}).get("name") != name:
        raise ApiError(400, "the name of the object does not match the name on the URL")
    if (new.get("spec") or {}).get("selector") != old["spec"]["selector"]:
        raise invalid(kinds.DEPLOYMENTS, name, [("spec.selector", "Invalid value: field is immutable")])


def _release_follows(want: Deployment, labels: Mapping[str, str], *, user: str, command: str) -> None:
    """Refuse a release that is said by label; in a whole object an old one is no wish: it is passed over."""
    if command.startswith("kubectl label") and labels.get(templates.RELEASE) != want.current.release:
        why = f"the label {templates.RELEASE} follows the tag of the image"
        raise forbidden(user, "patch", kinds.DEPLOYMENTS, want.name, why=why)


def _earlier_cause(want: Deployment, template: Json) -> str:
    hash_ = templates.template_hash(template)
    return next((one.cause for one in want.revisions if one.hash == hash_), "")


def _acts(want: Deployment, fields: Mapping[str, Any]) -> Iterator[Act]:
    if "replicas" in fields:
        yield Act(verb="scale", detail={"replicas": fields["replicas"]})
    if "paused" in fields:
        yield Act(verb="pause" if fields["paused"] else "resume")
    if "template" in fields:
        yield _template_act(want, fields["template"])
    elif fields.keys() & {"labels", "annotations", "said"}:
        yield Act(verb="annotate")


def _template_act(want: Deployment, template: Json) -> Act:
    hash_ = templates.template_hash(template)
    earlier = next((one for one in want.revisions[:-1] if one.hash == hash_), None)
    if earlier is not None:
        return Act(verb="rollback", detail={"revision": earlier.number, "release": earlier.release})
    was = want.template
    if templates.release_of(template) != templates.release_of(was):
        return Act(verb="set-image", detail={"release": templates.release_of(template)})
    before, after = templates.env_of(was), templates.env_of(template)
    if before != after:
        env = {
            key: after.get(key, "")
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)
        }
        return Act(verb="set-env", detail={"env": env})
    resources = (templates.container(one).get("resources") for one in (was, template))
    if next(resources) != next(resources):
        return Act(verb="set-resources", detail=dict(templates.container(template).get("resources") or {}))
    return Act(verb="restart")
