"""Changes to what is no deployment: services, config maps, pods, databases. Each tells what comes of it."""

import copy
from typing import Any

from lab.kube import kinds
from lab.kube.calls import Call
from lab.kube.errors import forbidden, invalid
from lab.referee.cluster import fixed
from lab.referee.cluster.acting import Acting
from lab.referee.cluster.admit import Act
from lab.referee.cluster.ending import Ending
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.notes import key_of, noted, notes_of
from lab.referee.cluster.sound import check_setting
from lab.referee.pods.wanted import Wanted

Json = dict[str, Any]


class Others:
    """Each change returns the object as it would be; a dry run does no more than that."""

    def __init__(self, *, wanted: Wanted, looking: Looking, ending: Ending, acting: Acting) -> None:
        self._wanted = wanted
        self._looking = looking
        self._ending = ending
        self._acting = acting
        self.by_kind = {
            kinds.STATEFUL_SETS: self._set,
            kinds.SERVICES: self._service,
            kinds.CONFIG_MAPS: self._config_map,
            kinds.PODS: self._pod,
        }

    def _service(self, call: Call, old: Json, new: Json) -> Json:
        spec = new.get("spec") or {}
        asked, has = (fixed.without(one, "selector") for one in (spec, old["spec"]))
        fixed.refuse(call, call.name, fixed.differing(asked, has, "spec", exact=call.method == "PATCH"))
        selector = spec.get("selector") or {}
        changed = selector != old["spec"]["selector"]
        if changed and call.name not in self._wanted.state.services:
            why = "only a service in front of deployments can select others"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        if changed and not call.dry_run:
            with self._acting(call, Act(verb="select", detail={"selector": selector})):
                self._wanted.select(call.name, selector)
        return {**self._note(call, old, new), "spec": {**old["spec"], "selector": selector}}

    def _config_map(self, call: Call, old: Json, new: Json) -> Json:
        asked = {key: new.get(key) for key in ("binaryData", "immutable")}
        fixed.refuse(call, call.name, (one[1:] for one in fixed.differing(asked, {}, "")))
        data = {key: str(value) for key, value in (new.get("data") or {}).items() if value is not None}
        changed = {key: value for key, value in data.items() if old.get("data", {}).get(key) != value}
        wrong = [(f"data[{k}]", said) for k, v in changed.items() if (said := check_setting(k, v))]
        if wrong:
            raise invalid(call.kind, call.name, wrong)
        if data != old.get("data", {}) and not call.dry_run:
            with self._acting(call, Act(verb="set-config", detail={"data": changed})):
                self._wanted.configure(call.name, data)
        return {**self._note(call, old, new), "data": data}

    def _pod(self, call: Call, old: Json, new: Json) -> Json:
        exact = call.method == "PATCH"
        fields = [*fixed.differing(new.get("spec") or {}, old["spec"], "spec", exact=exact)]
        was, now = notes_of(old)["labels"], notes_of(new)["labels"]
        if fields or was != now:
            what = ", ".join(fields) or "metadata.labels"
            why = f"a pod's spec and labels are its deployment's to change ({what})"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        return self._note(call, old, new)

    def _note(self, call: Call, old: Json, new: Json) -> Json:
        """Keep labels and annotations, where they are others; the object with them."""
        kept = notes_of(new)
        if kept != notes_of(old) and not call.dry_run:
            with self._acting(call, Act(verb="annotate")):
                self._wanted.note(key_of(old), kept)
        return noted(old, kept)

    def _set(self, call: Call, old: Json, new: Json) -> Json:
        found = self._looking.member(call.name)
        if found is None:
            return old
        was, now = _template_notes(old), _template_notes(new)
        kept = {**notes_of(new), "template": now}
        if _bare(old) != _bare(new):
            why = "a database of this lab is a set of one, with the image and the resources that it has"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        gone = (f"metadata.labels.{key}" for key in found[0].labels if key not in kept["labels"])
        fixed.refuse(call, call.name, gone)
        if call.dry_run:
            return {**noted(old, kept), "spec": new["spec"]}
        if was != now:
            self._ending.restart(call, found[0])
        if kept != {**notes_of(old), "template": was}:
            self._wanted.note(key_of(old), kept)
        return old


def _bare(thing: Json) -> Json:
    """What of a stateful set nobody may change."""
    spec = copy.deepcopy(thing.get("spec") or {})
    ((spec.get("template") or {}).get("metadata") or {}).pop("annotations", None)
    return dict(spec)


def _template_notes(thing: Json) -> Json:
    template = (thing.get("spec") or {}).get("template") or {}
    return dict((template.get("metadata") or {}).get("annotations") or {})
