"""Changes that people ask for: read, patched, checked, admitted, written down as acts, and done."""

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from lab.kube import kinds, strict
from lab.kube.ages import stamp
from lab.kube.calls import Call
from lab.kube.errors import ApiError, already_exists, bad_request, conflict, forbidden, invalid
from lab.kube.objects import Objects
from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC, json_patched, merged
from lab.kube.strategic import strategic
from lab.referee.cluster import admit
from lab.referee.cluster.admit import Act
from lab.referee.cluster.deployviews import CAUSE, scale_view
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.setviews import Member
from lab.referee.errors import BadRequest, Refused
from lab.referee.pods import template as templates
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Services

Json = dict[str, Any]


class Acts(Protocol):
    """Where acts are written down; `hands_on` refuses while none may be done."""

    def hands_on(self) -> None: ...
    def act(self, verb: str, target: str, detail: Mapping[str, Any], who: str, result: str) -> None: ...


class Changing:
    """Everything that is not reading."""

    def __init__(
        self,
        *,
        objects: Objects,
        wanted: Wanted,
        looking: Looking,
        services: Services,
        acts: Acts,
        wake: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self._objects = objects
        self._wanted = wanted
        self._looking = looking
        self._services = services
        self._acts = acts
        self._wake = wake
        self._now = now

    def patch(self, call: Call, content_type: str, body: Any) -> tuple[Json, bool]:
        """The object after a patch, and whether it was made by it (server-side apply)."""
        if content_type == APPLY and not self._there(call):
            return self.create(call, body), True
        if call.sub == "scale":
            return self._scaled(call, _patched(scale_view(self._read(call)), content_type, body)), False
        old = self._read(call)
        return self.replace(call, _patched(old, content_type, body)), False

    def replace(self, call: Call, new: Json) -> Json:
        """The object after it was replaced as a whole."""
        if call.sub == "scale":
            return self._scaled(call, new)
        old = self._read(call)
        if call.query.get("fieldValidation") != "Ignore":
            strict.check(call.kind, new)
        self._fresh(call, old, new)
        change = {
            kinds.DEPLOYMENTS: self._deployment,
            kinds.STATEFUL_SETS: self._set,
            kinds.SERVICES: self._service,
            kinds.CONFIG_MAPS: self._config_map,
            kinds.PODS: self._pod,
        }.get(call.kind)
        if change is None:
            raise forbidden(call.user, call.verb, call.kind, call.name)
        change(call, old, new)
        return self._after(call)

    def create(self, call: Call, body: Json) -> Json:
        """A new deployment; nothing else is made by hand here."""
        if call.kind is not kinds.DEPLOYMENTS:
            raise forbidden(call.user, "create", call.kind, call.name)
        strict.check(call.kind, body)
        name = str((body.get("metadata") or {}).get("name") or "")
        if not name:
            raise invalid(
                call.kind, name, [("metadata.name", "Required value: name or generateName is required")]
            )
        if name in self._wanted.state.deployments:
            raise already_exists(call.kind, name)
        spec = body.get("spec") or {}
        selector = (spec.get("selector") or {}).get("matchLabels") or {}
        if not selector:
            raise invalid(call.kind, name, [("spec.selector", "Required value")])
        like = templates.template_of(name, "0", labels={})
        template = admit.cleaned_template(spec.get("template") or {})
        admit.check_template(name, template, selector, user=call.user, like=like)
        sound = templates.container(like)
        template["spec"]["containers"] = [{**sound, **templates.container(template)}]
        metadata = body.get("metadata") or {}
        annotations = dict(metadata.get("annotations") or {})
        cause = annotations.pop(CAUSE, None) or f"{call.command or 'created'} ({call.user})"
        with self._acting(call, Act(verb="create", detail={"release": templates.release_of(template)}), name):
            self._wanted.add(
                name,
                template={**template, "spec": {**like["spec"], **template["spec"]}},
                replicas=admit.replicas_of(name, spec),
                selector=selector,
                cause=cause,
                by=call.user,
                labels=metadata.get("labels") or selector,
                annotations=annotations,
            )
        self._looking.project()
        return self._objects.get(call.kind, name)

    def delete(self, call: Call) -> Json:
        """Delete a pod (a new one takes its place), or a deployment with its pods."""
        thing = self._read(call)
        if call.dry_run:
            return thing
        if call.kind is kinds.DEPLOYMENTS:
            with self._acting(call, Act(verb="delete")):
                self._wanted.remove(call.name)
            self._looking.project()
            uid = thing["metadata"]["uid"]
            details = {"name": call.name, "group": "apps", "kind": "deployments", "uid": uid}
            return {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Success",
                "details": details,
            }
        self._end_pod(call)
        return {**thing, "metadata": {**thing["metadata"], "deletionTimestamp": stamp(self._now())}}

    def evict(self, call: Call) -> Json:
        """Evict a pod: the same as deleting it."""
        self._read(call)
        self._end_pod(call)
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}

    def _end_pod(self, call: Call) -> None:
        found = self._looking.member(call.name)
        if found is not None:
            self._restart(call, found[0])
            return
        with self._acting(call, Act(verb="restart")):
            self._wanted.leave([call.name])
        self._looking.project()

    def _restart(self, call: Call, member: Member) -> None:
        if not member.restartable:
            why = f"{member.name} belongs to the platform team"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        with self._acting(call, Act(verb="restart-database"), member.name):
            self._services.restart(member.name)
        self._looking.look()

    def _deployment(self, call: Call, old: Json, new: Json) -> None:
        want = self._wanted.deployment(call.name)
        change = admit.deployment_change(want, old, new, user=call.user, command=call.command)
        if change is None or call.dry_run:
            return
        first, *more = change.acts
        with self._acting(call, first):
            self._wanted.change(call.name, cause=change.cause, by=call.user, **change.fields)
        for act in more:
            self._acts.act(act.verb, call.name, act.detail, call.user, "ok")

    def _set(self, call: Call, old: Json, new: Json) -> None:
        found = self._looking.member(call.name)
        if found is None:
            return
        key, notes = f"StatefulSet/{call.name}", self._wanted.state.notes
        was, now = _template_notes(old), _template_notes(new)
        if _bare(old) != _bare(new):
            why = "a database of this lab is a set of one, with the image and the resources that it has"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        if call.dry_run:
            return
        if was != now:
            self._restart(call, found[0])
        kept = {
            "labels": _labels(new),
            "annotations": new["metadata"].get("annotations") or {},
            "template": now,
        }
        if kept != notes.get(key):
            self._wanted.note(key, kept)

    def _service(self, call: Call, old: Json, new: Json) -> None:
        selector = (new.get("spec") or {}).get("selector") or {}
        if selector == old["spec"]["selector"] or call.dry_run:
            return
        if call.name not in self._wanted.state.services:
            why = "only a service in front of deployments can select others"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        with self._acting(call, Act(verb="select", detail={"selector": selector})):
            self._wanted.select(call.name, selector)

    def _config_map(self, call: Call, old: Json, new: Json) -> None:
        data = {key: str(value) for key, value in (new.get("data") or {}).items() if value is not None}
        if data == old.get("data", {}) or call.dry_run:
            return
        changed = {key: value for key, value in data.items() if old.get("data", {}).get(key) != value}
        wrong = [(f"data[{k}]", said) for k, v in changed.items() if (said := admit.check_setting(k, v))]
        if wrong:
            raise invalid(call.kind, call.name, wrong)
        with self._acting(call, Act(verb="set-config", detail={"data": changed})):
            self._wanted.configure(call.name, data)

    def _pod(self, call: Call, old: Json, new: Json) -> None:
        if old["spec"] != new.get("spec"):
            why = "a pod's spec is its deployment's to change"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)

    def _scaled(self, call: Call, scale: Json) -> Json:
        thing = self._read(call)
        replicas = (scale.get("spec") or {}).get("replicas", 1)
        new = copy.deepcopy(thing)
        new["spec"]["replicas"] = replicas
        self.replace(_on_object(call), new)
        return scale_view(self._objects.get(call.kind, call.name))

    @contextmanager
    def _acting(self, call: Call, act: Act, target: str = "") -> Iterator[None]:
        """Do something to the shop, and write down when it was asked for and what came of it."""
        name = target or call.name
        try:
            self._acts.hands_on()
        except Refused as error:
            raise forbidden(call.user, call.verb, call.kind, name, why=f"{error}; {error.hint}") from None
        try:
            yield
        except Refused as error:
            self._acts.act(act.verb, name, act.detail, call.user, f"refused: {error}")
            if isinstance(error, BadRequest):
                said = f"Invalid value: {error}; {error.hint}"
                raise invalid(call.kind, name, [("spec.replicas", said)]) from None
            raise bad_request(f"{error}: {error.hint}") from None
        self._acts.act(act.verb, name, act.detail, call.user, "ok")
        self._wake()

    def _after(self, call: Call) -> Json:
        self._looking.project()
        return self._objects.get(call.kind, call.name)

    def _there(self, call: Call) -> bool:
        try:
            self._read(call)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return True

    def _read(self, call: Call) -> Json:
        return self._objects.get(call.kind, call.name)

    @staticmethod
    def _fresh(call: Call, old: Json, new: Json) -> None:
        said = (new.get("metadata") or {}).get("resourceVersion")
        if said and said != old["metadata"]["resourceVersion"]:
            raise conflict(call.kind, call.name)
        uid = (new.get("metadata") or {}).get("uid")
        if uid and uid != old["metadata"]["uid"]:
            raise conflict(call.kind, call.name)


def _patched(old: Json, content_type: str, body: Any) -> Json:
    if content_type == JSON_PATCH:
        new = json_patched(old, body)
    elif content_type == MERGE:
        new = merged(old, body)
    elif content_type in (STRATEGIC, APPLY):
        new = strategic(old, body)
    else:
        raise ApiError(415, f"the body of the request was in an unknown format: {content_type!r}")
    if not isinstance(new, dict) or not isinstance(new.get("metadata"), dict):
        raise bad_request("the patch leaves no object")
    return new


def _bare(thing: Json) -> Json:
    """What of a stateful set nobody may change."""
    spec = copy.deepcopy(thing.get("spec") or {})
    (spec.get("template") or {}).get("metadata", {}).pop("annotations", None)
    return dict(spec)


def _template_notes(thing: Json) -> Json:
    template = (thing.get("spec") or {}).get("template") or {}
    return dict((template.get("metadata") or {}).get("annotations") or {})


def _labels(thing: Json) -> Json:
    return dict(thing["metadata"].get("labels") or {})


def _on_object(call: Call) -> Call:
    return replace(call, sub="")
