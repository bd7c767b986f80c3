"""A new deployment, from an object that somebody wrote."""

import uuid
from collections.abc import Callable
from typing import Any

from lab.kube import kinds, strict
from lab.kube.calls import Call, check_same_place
from lab.kube.errors import already_exists, forbidden, invalid
from lab.kube.objects import Objects
from lab.referee.cluster import admit
from lab.referee.cluster.acting import Acting
from lab.referee.cluster.admit import Act
from lab.referee.cluster.deployviews import CAUSE, deployment_view
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.progress import progress
from lab.referee.cluster.sound import sound_template
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment, Revision
from lab.referee.pods.wanted import Wanted

Json = dict[str, Any]


class Creating:
    """Deployments are made by hand here, nothing else."""

    def __init__(
        self,
        *,
        objects: Objects,
        wanted: Wanted,
        looking: Looking,
        acting: Acting,
        now: Callable[[], float],
    ) -> None:
        self._objects = objects
        self._wanted = wanted
        self._looking = looking
        self._acting = acting
        self._now = now

    def create(self, call: Call, body: Json) -> Json:
        """A new deployment; nothing else is made by hand here."""
        if call.kind is not kinds.DEPLOYMENTS:
            raise forbidden(call.user, "create", call.kind, call.name)
        body = strict.taken(call.kind, body, call.query.get("fieldValidation", ""))
        check_same_place(call, body)
        metadata, spec = body.get("metadata") or {}, body.get("spec") or {}
        name = self._free_name(call, metadata)
        selector = (spec.get("selector") or {}).get("matchLabels") or {}
        if not selector:
            raise invalid(call.kind, name, [("spec.selector", "Required value")])
        like = templates.template_of(name, "0", labels={})
        asked = _with_resources(spec.get("template") or {}, like)
        config = self._wanted.state.config
        template = sound_template(call, name, asked, selector, like=like, config=config)
        annotations = dict(metadata.get("annotations") or {})
        cause = annotations.pop(CAUSE, None) or f"{call.command or 'created'} ({call.user})"
        made = self._made(call, name, body, template, cause=str(cause), annotations=annotations)
        as_it_would_be = deployment_view(made, [], progress(None, made, [], now_t=made.created_t))
        admit.check_spec(call, name, spec, as_it_would_be["spec"])
        if call.dry_run:
            return {**as_it_would_be, "status": {}}
        with self._acting(call, Act(verb="create", detail={"release": templates.release_of(template)}), name):
            self._wanted.add(
                name,
                template=template,
                replicas=made.replicas,
                selector=selector,
                cause=made.current.cause,
                by=call.user,
                labels=made.labels,
                annotations=annotations,
            )
        self._looking.project()
        return self._objects.get(call.kind, name)

    def _free_name(self, call: Call, metadata: Json) -> str:
        name = str(metadata.get("name") or "")
        if not name:
            missing = ("metadata.name", "Required value: name or generateName is required")
            raise invalid(call.kind, name, [missing])
        admit.check_name(name)
        if name in self._wanted.state.deployments:
            raise already_exists(call.kind, name)
        return name

    def _made(
        self, call: Call, name: str, body: Json, template: Json, *, cause: str, annotations: Json
    ) -> Deployment:
        """The deployment that it will be; its uid is another one each time."""
        spec, now = body["spec"], self._now()
        selector = spec["selector"]["matchLabels"]
        return Deployment(
            name=name,
            uid=str(uuid.uuid4()),
            created_t=now,
            replicas=admit.replicas_of(name, spec),
            template=template,
            selector=selector,
            revisions=(Revision(number=1, template=template, cause=cause, by=call.user, t=now),),
            labels=(body.get("metadata") or {}).get("labels") or selector,
            annotations=annotations,
        )


def _with_resources(asked: Json, like: Json) -> Json:
    """What is asked for, with the limits of a sound pod where it names none."""
    limits = {"resources": templates.container(like)["resources"]}
    spec = asked.get("spec") or {}
    containers = [{**one, **({} if one.get("resources") else limits)} for one in spec.get("containers") or []]
    return {**asked, "spec": {**spec, "containers": containers}}
