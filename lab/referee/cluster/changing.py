"""Changes that people ask for: read, patched, checked, admitted, written down as acts, and done."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.kube import kinds, strict
from lab.kube.calls import Call, check_same_place
from lab.kube.errors import ApiError, bad_request, conflict, forbidden, invalid
from lab.kube.objects import Objects
from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC, json_patched, merged
from lab.kube.strategic import strategic
from lab.referee.cluster import admit
from lab.referee.cluster.acting import Acting, Acts
from lab.referee.cluster.admit import Act
from lab.referee.cluster.creating import Creating
from lab.referee.cluster.deployviews import scale_view
from lab.referee.cluster.ending import Ending
from lab.referee.cluster.looking import Looking
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Services

Json = dict[str, Any]


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
        self._acting = Acting(acts, wake=wake)
        self._ending = Ending(
            objects=objects, wanted=wanted, looking=looking, services=services, acting=self._acting, now=now
        )
        self.delete = self._ending.delete
        self.evict = self._ending.evict
        self.create = Creating(objects=objects, wanted=wanted, looking=looking, acting=self._acting).create

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
        strict.check(call.kind, new, unknown=call.query.get("fieldValidation") != "Ignore")
        check_same_place(call, new)
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

    def _deployment(self, call: Call, old: Json, new: Json) -> None:
        want = self._wanted.deployment(call.name)
        change = admit.deployment_change(want, old, new, user=call.user, command=call.command)
        if change is None or call.dry_run:
            return
        first, *more = change.acts
        with self._acting(call, first):
            self._wanted.change(call.name, cause=change.cause, by=call.user, **change.fields)
        for act in more:
            self._acting.also(call, act)

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
            self._ending.restart(call, found[0])
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
        strict.check_scale(scale)
        replicas = (scale.get("spec") or {}).get("replicas", 1)
        new = copy.deepcopy(thing)
        new["spec"]["replicas"] = replicas
        new["metadata"]["resourceVersion"] = (scale.get("metadata") or {}).get("resourceVersion")
        self.replace(_on_object(call), new)
        return scale_view(self._objects.get(call.kind, call.name))

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
        try:
            new = strategic(old, body)
        except (TypeError, AttributeError) as error:  # its directives are of no shape that there is
            raise bad_request(f"unable to apply the patch: {error}") from None
    else:
        raise ApiError(415, f"the body of the request was in an unknown format: {content_type!r}")
    if not isinstance(new, dict) or not isinstance(new.get("metadata"), dict):
        raise bad_request("the patch leaves no object")
    return new


def _bare(thing: Json) -> Json:
    """What of a stateful set nobody may change."""
    spec = copy.deepcopy(thing.get("spec") or {})
    ((spec.get("template") or {}).get("metadata") or {}).pop("annotations", None)
    return dict(spec)


def _template_notes(thing: Json) -> Json:
    template = (thing.get("spec") or {}).get("template") or {}
    return dict((template.get("metadata") or {}).get("annotations") or {})


def _labels(thing: Json) -> Json:
    return dict(thing["metadata"].get("labels") or {})


def _on_object(call: Call) -> Call:
    return replace(call, sub="")
