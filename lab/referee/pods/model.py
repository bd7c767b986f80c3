"""What is wanted of a deployment, its history of revisions, and what is seen of a pod. Values only."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lab.referee.pods import template as templates

# No vowels and no look-alikes: a name never spells a word and is easy to retype.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
SPEC = {"replicas", "template", "paused"}
"""What of a deployment is its spec: another generation when it changes."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One template that was wanted at some time, and why."""

    number: int
    template: Mapping[str, Any]
    cause: str
    by: str
    t: float

    @cached_property
    def hash(self) -> str:
        """What pods of this revision carry in their name."""
        return templates.template_hash(self.template)

    @property
    def release(self) -> str:
        """The release that the revision runs."""
        return templates.release_of(self.template)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What is wanted now: so many pods of the last revision.

    *template* is what was asked for; while *paused* it makes no revision. *next_cause* is what somebody said
    meanwhile of the revision to come. *generation* counts changes of what is wanted.
    """

    name: str
    uid: str
    created_t: float
    replicas: int
    template: Mapping[str, Any]
    selector: Mapping[str, str]
    revisions: tuple[Revision, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    paused: bool = False
    generation: int = 1
    next_cause: str = ""

    @property
    def cause(self) -> str:
        """What was said last of why it is wanted."""
        return self.next_cause or self.current.cause

    @property
    def current(self) -> Revision:
        """The revision whose pods are wanted."""
        return self.revisions[-1]

    @property
    def hash(self) -> str:
        """What a pod of the wanted revision carries in its name: changes when pods must be replaced."""
        return self.current.hash

    def pod_name(self) -> str:
        """A name for a new pod of the wanted revision."""
        return f"{self.name}-{self.hash}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"

    def changed(
        self, *, cause: str, by: str, t: float, said: str | None = None, **fields: Any
    ) -> "Deployment":
        """The same, wanting something else; another template is another revision, unless it is paused.

        A template that was wanted before keeps its pods' name and gets a new, highest number. *said*: a cause
        that is given to the revision that there is, where this makes no other.
        """
        generation = self.generation + bool(fields.keys() & SPEC)
        new = replace(self, generation=generation, **fields)
        same = templates.template_hash(new.template) == new.current.hash
        if same:
            return replace(new, next_cause="") if said is None else new.explained(said)
        if new.paused:
            return new if said is None else replace(new, next_cause=said)
        revision = Revision(
            number=self.current.number + 1,
            template=dict(new.template),
            cause=said or self.next_cause or cause,
            by=by,
            t=t,
        )
        others = tuple(one for one in self.revisions if one.hash != revision.hash)
        return replace(new, revisions=(*others, revision), next_cause="")

    def explained(self, cause: str) -> "Deployment":
        """The same, its last revision having another cause."""
        last = replace(self.current, cause=cause)
        return replace(self, revisions=(*self.revisions[:-1], last), next_cause="")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What is seen of one pod, in the engine and in the balancer.

    *ready*: it says so, or the balancer that asks it. *served*: the balancer sends it requests. *leaving*: it
    was told to go. *busy*: somebody is creating, restarting or removing it right now. *paused*: it runs, and
    somebody has stopped its time. *waiting*: why it has no container (its image does not exist).
    """

    name: str
    deployment: str
    hash: str
    release: str
    revision: int
    ip: str = ""
    running: bool = True
    paused: bool = False
    ready: bool = False
    served: bool = False
    leaving: bool = False
    busy: bool = False
    created_t: float = 0.0
    waiting: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    container: str = ""
    image_id: str = ""
    started_t: float = 0.0
    finished_t: float = 0.0
    exit_code: int = 0
    oom_killed: bool = False
    restarts: int = 0
    leaving_t: float = 0.0

    @property
    def state(self) -> str:
        """One word for a person."""
        if self.leaving:
            return "leaving"
        if not self.running:
            return "starting" if self.busy else "waiting" if self.waiting else "crashed"
        return "ready" if self.ready else "not ready"
