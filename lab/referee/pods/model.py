"""What is wanted of a deployment, its history of revisions, and what is seen of a pod. Values only."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# No vowels and no look-alikes: a name never spells a word and is easy to retype.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One state of a deployment that was wanted at some time, and why."""

    number: int
    release: str
    env: Mapping[str, str] = field(default_factory=dict)
    cause: str
    by: str
    t: float

    def same_pods(self, other: "Revision") -> bool:
        """Whether both revisions want the same release with the same environment."""
        return self.release == other.release and dict(self.env) == dict(other.env)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What is wanted now: so many pods of the last revision. *restarts* counts rolling restarts."""

    name: str
    replicas: int
    revisions: tuple[Revision, ...]
    restarts: int = 0

    @property
    def current(self) -> Revision:
        """The revision that is wanted."""
        return self.revisions[-1]

    @property
    def hash(self) -> str:
        """What a pod of the wanted revision carries in its name: changes when pods must be replaced."""
        wanted = [self.current.number, self.current.release, sorted(self.current.env.items()), self.restarts]
        return hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:8]

    def pod_name(self) -> str:
        """A name for a new pod of the wanted revision."""
        return f"{self.name}-{self.hash}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"

    def changed(self, *, release: str, env: Mapping[str, str], cause: str, by: str, t: float) -> "Deployment":
        """The same deployment wanting one more revision."""
        number = self.current.number + 1
        new = Revision(number=number, release=release, env=dict(env), cause=cause, by=by, t=t)
        return replace(self, revisions=(*self.revisions, new))

    def before(self) -> Revision | None:
        """The latest revision whose pods differ from the wanted ones; None where there never was another."""
        return next((r for r in reversed(self.revisions) if not r.same_pods(self.current)), None)

    def revision(self, number: int) -> Revision | None:
        """The revision of that number."""
        return next((r for r in self.revisions if r.number == number), None)


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What is seen of one pod, in the engine and in the balancer.

    *served*: the balancer sends it requests. *leaving*: it was told to go. *busy*: somebody is creating,
    restarting or removing it right now.
    """

    name: str
    deployment: str
    hash: str
    release: str
    revision: int
    ip: str = ""
    running: bool = True
    served: bool = False
    leaving: bool = False
    busy: bool = False
    created_t: float = 0.0
    exit_code: int | None = None

    @property
    def state(self) -> str:
        """One word for a person."""
        if self.leaving:
            return "leaving"
        if not self.running:
            return "starting" if self.busy else "crashed"
        return "ready" if self.served else "not ready"
