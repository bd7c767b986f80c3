"""Changes that people ask for: read, patched, checked, admitted, written down as acts, and done."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.kube import kinds, strict
from lab.kube.calls import Call, check_same_place
from lab.kube.errors import ApiError, bad_request, conflict, forbidden
from lab.kube.objects import Objects
from lab.kube.patches import APPLY, JSON_PATCH, MERGE, STRATEGIC, json_patched, merged
from lab.kube.strategic import strategic
from lab.referee.cluster import admit, fixed
from lab.referee.cluster.acting import Acting, Acts
from lab.referee.cluster.creating import Creating
from lab.referee.cluster.deployviews import deployment_view, scale_view
from lab.referee.cluster.ending import Ending
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.others import Others
from lab.referee.cluster.progress import progress
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
        self._now = now
        self._wanted = wanted
        self._looking = looking
        self._acting = Acting(acts, wake=wake)
        self._ending = Ending(
            objects=objects, wanted=wanted, looking=looking, services=services, acting=self._acting, now=now
        )
        others = Others(wanted=wanted, looking=looking, ending=self._ending, acting=self._acting)
        self._by_kind = {kinds.DEPLOYMENTS: self._deployment, **others.by_kind}
        self.delete = self._ending.delete
        self.evict = self._ending.evict
        self.create = Creating(
            objects=objects, wanted=wanted, looking=looking, acting=self._acting, now=now
        ).create

    def patch(self, call: Call, content_type: str, body: Any) -> tuple[Json, bool]:
        """The object after a patch, and whether it was made by it (server-side apply)."""
        if content_type == APPLY and not self._there(call):
            return self.create(replace(call, method="POST"), body), True
        if call.sub == "scale":
            return self._scaled(call, _patched(scale_view(self._read(call)), content_type, body)), False
        old = self._read(call)
        return self.replace(call, _patched(old, content_type, body)), False

    def replace(self, call: Call, new: Json) -> Json:
        """The object after it was replaced as a whole."""
        if call.sub == "scale":
            return self._scaled(call, new)
        old = self._read(call)
        new = strict.taken(call.kind, new, call.query.get("fieldValidation", ""))
        check_same_place(call, new)
        self._fresh(call, old, new)
        self._same_owners(call, old, new)
        change = self._by_kind.get(call.kind)
        if change is None:
            raise forbidden(call.user, call.verb, call.kind, call.name)
        as_it_would_be = change(call, old, new)
        return as_it_would_be if call.dry_run else self._after(call)

    def _deployment(self, call: Call, old: Json, new: Json) -> Json:
        want = self._wanted.deployment(call.name)
        change = admit.deployment_change(call, want, old, new, self._wanted.state.config)
        if change is None:
            return old
        if call.dry_run:
            now = self._now()
            then = want.changed(cause=change.cause, by=call.user, t=now, **change.fields)
            view = deployment_view(then, [], progress(None, then, [], now_t=now))
            version = {"resourceVersion": old["metadata"]["resourceVersion"]}
            return {**view, "metadata": {**view["metadata"], **version}, "status": old["status"]}
        first, *more = change.acts
        with self._acting(call, first):
            self._wanted.change(call.name, cause=change.cause, by=call.user, **change.fields)
        for act in more:
            self._acting.also(call, act)
        return old

    @staticmethod
    def _same_owners(call: Call, old: Json, new: Json) -> None:
        names = ("finalizers", "ownerReferences")
        asked, has = ({name: (one.get("metadata") or {}).get(name) for name in names} for one in (new, old))
        exact = call.method == "PATCH"
        fixed.refuse(call, call.name, fixed.differing(asked, has, "metadata", exact=exact))

    def _scaled(self, call: Call, scale: Json) -> Json:
        thing = self._read(call)
        strict.check_scale(scale)
        replicas = (scale.get("spec") or {}).get("replicas", 1)
        new = copy.deepcopy(thing)
        new["spec"]["replicas"] = replicas
        new["metadata"]["resourceVersion"] = (scale.get("metadata") or {}).get("resourceVersion")
        return scale_view(self.replace(replace(call, sub=""), new))

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
