"""What a changed object means for the lab: allowed or not, and which acts it is. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.kube import kinds
from lab.kube.calls import Call
from lab.kube.errors import ApiError, forbidden, invalid
from lab.referee.cluster import fixed
from lab.referee.cluster.deployviews import CAUSE, REVISION
from lab.referee.cluster.sound import Config, sound_template
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment

Json = dict[str, Any]


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


def deployment_change(call: Call, want: Deployment, old: Json, new: Json, config: Config) -> Change | None:
    """The change from one object to another; None where there is none. Raises 403 or 422."""
    _same_identity(want.name, old, new)
    spec = new.get("spec") or {}
    check_spec(call, want.name, spec, old["spec"])
    asked = spec.get("template") or {}
    template = sound_template(call, want.name, asked, want.selector, like=want.template, config=config)
    metadata = new.get("metadata") or {}
    annotations = {k: v for k, v in (metadata.get("annotations") or {}).items() if k not in (CAUSE, REVISION)}
    given: dict[str, Any] = {
        "replicas": replicas_of(want.name, spec),
        "template": template,
        "paused": bool(spec.get("paused", False)),
        "labels": templates.without_release(metadata.get("labels") or {}),
        "annotations": annotations,
    }
    _release_follows(want, metadata.get("labels") or {}, user=call.user, command=call.command)
    fields = {name: value for name, value in given.items() if value != getattr(want, name)}
    said = str((metadata.get("annotations") or {}).get(CAUSE) or "")
    if said != (old["metadata"].get("annotations") or {}).get(CAUSE, ""):
        fields["said"] = said
    if not fields:
        return None
    by = f"{call.command or 'changed'} ({call.user})"
    cause = fields.get("said") or _earlier_cause(want, template) or by
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


NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
MOST_LETTERS = 46
"""So that a pod's name, which is longer by a hash, is still one of a host."""


def check_name(name: str) -> None:
    """Raise 422 where a deployment cannot have that name."""
    wrong = ""
    if not NAME.fullmatch(name):
        wrong = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character"
        )
    elif len(name) > MOST_LETTERS:
        wrong = f"must be no more than {MOST_LETTERS} characters in this lab"
    if wrong:
        raise invalid(kinds.DEPLOYMENTS, name, [("metadata.name", f"Invalid value: {name!r}: {wrong}")])


SCALABLE = ("replicas", "template", "paused", "selector")


def check_spec(call: Call, name: str, spec: Json, has: Json) -> None:
    """Raise 403 where a spec asks for another strategy, deadline or limit than deployments here have."""
    asked, there = (fixed.without(one, *SCALABLE) for one in (spec, has))
    fixed.refuse(call, name, fixed.differing(asked, there, "spec", exact=call.method == "PATCH"))


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
