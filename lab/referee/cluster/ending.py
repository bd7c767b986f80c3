"""Pods that are deleted or evicted, databases that are restarted, deployments that go."""

from collections.abc import Callable
from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.kube.calls import Call
from lab.kube.errors import forbidden
from lab.kube.objects import Objects
from lab.referee.cluster.acting import Acting
from lab.referee.cluster.admit import Act
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.setviews import Member
from lab.referee.errors import EngineTrouble
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Services

Json = dict[str, Any]

SUCCESS: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class Ending:
    """Everything that makes a pod end."""

    def __init__(
        self,
        *,
        objects: Objects,
        wanted: Wanted,
        looking: Looking,
        services: Services,
        acting: Acting,
        now: Callable[[], float],
    ) -> None:
        self._objects = objects
        self._wanted = wanted
        self._looking = looking
        self._services = services
        self._acting = acting
        self._now = now

    def delete(self, call: Call) -> Json:
        """Delete a pod (a new one takes its place), or a deployment with its pods."""
        thing = self._objects.get(call.kind, call.name)
        if call.dry_run:
            return thing
        if call.kind is kinds.DEPLOYMENTS:
            return self._end_deployment(call, thing)
        self._end_pod(call)
        return {**thing, "metadata": {**thing["metadata"], "deletionTimestamp": stamp(self._now())}}

    def evict(self, call: Call) -> Json:
        """Evict a pod: the same as deleting it."""
        self._objects.get(call.kind, call.name)
        if not call.dry_run:
            self._end_pod(call)
        return {**SUCCESS, "code": 201}

    def restart(self, call: Call, member: Member) -> None:
        """Restart a database's container; its data stay."""
        if not member.restartable:
            why = f"{member.name} belongs to the platform team"
            raise forbidden(call.user, call.verb, call.kind, call.name, why=why)
        with self._acting(call, Act(verb="restart-database"), member.name):
            self._looking.renewing(member)
            try:
                self._services.restart(member.name)
            except EngineTrouble:
                self._looking.renewing(member, so=False)
                raise
        self._looking.look()

    def _end_deployment(self, call: Call, thing: Json) -> Json:
        with self._acting(call, Act(verb="delete")):
            self._wanted.remove(call.name)
        self._looking.project()
        uid = thing["metadata"]["uid"]
        details = {"name": call.name, "group": "apps", "kind": "deployments", "uid": uid}
        return {**SUCCESS, "details": details}

    def _end_pod(self, call: Call) -> None:
        found = self._looking.member(call.name)
        if found is not None:
            self.restart(call, found[0])
            return
        with self._acting(call, Act(verb="restart")):
            self._wanted.leave([call.name])
        self._looking.project()
