"""What is wanted, on disk: a referee that was killed in mid roll-out finishes it when it is back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lab.referee.files import Owner, replace_text
from lab.referee.pods.model import Deployment, Revision


@dataclass(frozen=True, kw_only=True)
class State:
    """All that is wanted: deployments and config maps by name, what services select, pods that must go.

    *restarts* counts how often each pod's container was started again, and *ends* is how it ended before: its
    exit code, and whether for want of memory. *notes* keeps labels and annotations that people put on other
    objects, by "Kind/name".
    """

    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    config: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leaving: Mapping[str, float] = field(default_factory=dict)
    restarts: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, tuple[int, bool]] = field(default_factory=dict)
    notes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def having(self, deployment: Deployment) -> "State":
        """The same, with a deployment added or changed."""
        return replace(self, deployments={**self.deployments, deployment.name: deployment})


class Store:
    """The file that holds the state."""

    def __init__(self, path: Path, *, owner: Owner | None = None) -> None:
        self._path = path
        self._owner = owner

    def load(self) -> State:
        """What was wanted last; nothing where there is no file."""
        if not self._path.exists():
            return State()
        raw = json.loads(self._path.read_text(encoding="utf-8"))
        raw["deployments"] = {name: _deployment(one) for name, one in raw["deployments"].items()}
        raw["ends"] = {pod: (code, oom) for pod, (code, oom) in raw.get("ends", {}).items()}
        return State(**raw)

    def save(self, state: State) -> None:
        """Put all of it on disk before anything is done about it."""
        replace_text(self._path, json.dumps(asdict(state), indent=1), owner=self._owner)


def _deployment(raw: Mapping[str, Any]) -> Deployment:
    revisions = tuple(Revision(**revision) for revision in raw["revisions"])
    return Deployment(**{**raw, "revisions": revisions})
