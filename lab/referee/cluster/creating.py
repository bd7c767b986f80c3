"""A new deployment, from an object that somebody wrote."""

from typing import Any

from lab.kube import kinds, strict
from lab.kube.calls import Call, check_same_place
from lab.kube.errors import already_exists, forbidden, invalid
from lab.kube.objects import Objects
from lab.referee.cluster import admit
from lab.referee.cluster.acting import Acting
from lab.referee.cluster.admit import Act
from lab.referee.cluster.deployviews import CAUSE
from lab.referee.cluster.looking import Looking
from lab.referee.pods import template as templates
from lab.referee.pods.wanted import Wanted

Json = dict[str, Any]


class Creating:
    """Deployments are made by hand here, nothing else."""

    def __init__(self, *, objects: Objects, wanted: Wanted, looking: Looking, acting: Acting) -> None:
        self._objects = objects
        self._wanted = wanted
        self._looking = looking
        self._acting = acting

    def create(self, call: Call, body: Json) -> Json:
        """A new deployment; nothing else is made by hand here."""
        if call.kind is not kinds.DEPLOYMENTS:
            raise forbidden(call.user, "create", call.kind, call.name)
        strict.check(call.kind, body)
        check_same_place(call, body)
        metadata, spec = body.get("metadata") or {}, body.get("spec") or {}
        name = self._free_name(call, metadata)
        selector = (spec.get("selector") or {}).get("matchLabels") or {}
        if not selector:
            raise invalid(call.kind, name, [("spec.selector", "Required value")])
        template = _sound_template(call, name, spec.get("template") or {}, selector)
        if call.dry_run:
            return body
        annotations = dict(metadata.get("annotations") or {})
        cause = annotations.pop(CAUSE, None) or f"{call.command or 'created'} ({call.user})"
        with self._acting(call, Act(verb="create", detail={"release": templates.release_of(template)}), name):
            self._wanted.add(
                name,
                template=template,
                replicas=admit.replicas_of(name, spec),
                selector=selector,
                cause=cause,
                by=call.user,
                labels=metadata.get("labels") or selector,
                annotations=annotations,
            )
        self._looking.project()
        return self._objects.get(call.kind, name)

    def _free_name(self, call: Call, metadata: Json) -> str:
        name = str(metadata.get("name") or "")
        if not name:
            missing = ("metadata.name", "Required value: name or generateName is required")
            raise invalid(call.kind, name, [missing])
        if name in self._wanted.state.deployments:
            raise already_exists(call.kind, name)
        return name


def _sound_template(call: Call, name: str, asked: Json, selector: Json) -> Json:
    """What was asked for, completed by what every pod of this lab has."""
    like = templates.template_of(name, "0", labels={})
    template = admit.cleaned_template(asked)
    admit.check_template(name, template, selector, user=call.user, like=like)
    sound = templates.container(like)
    template["spec"]["containers"] = [{**sound, **templates.container(template)}]
    return {**template, "spec": {**like["spec"], **template["spec"]}}
