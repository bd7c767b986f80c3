"""What is wanted, on disk: a referee that was killed in mid roll-out finishes it when it is back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.referee.files import Owner, replace_text
from lab.referee.pods.model import Deployment, Revision


class Store:
    """The wanted state of all deployments, and the pods that were told to go."""

    def __init__(self, path: Path, *, owner: Owner | None = None) -> None:
        self._path = path
        self._owner = owner

    def load(self) -> tuple[dict[str, Deployment], set[str]]:
        """What was wanted last; nothing where there is no file."""
        if not self._path.exists():
            return {}, set()
        raw = json.loads(self._path.read_text(encoding="utf-8"))
        deployments = {d["name"]: _deployment(d) for d in raw["deployments"]}
        return deployments, set(raw["leaving"])

    def save(self, deployments: Iterable[Deployment], leaving: Iterable[str]) -> None:
        """Put all of it on disk before anything is done about it."""
        raw = {"deployments": [asdict(d) for d in deployments], "leaving": sorted(leaving)}
        replace_text(self._path, json.dumps(raw, indent=1), owner=self._owner)


def _deployment(raw: Mapping[str, Any]) -> Deployment:
    revisions = tuple(Revision(**revision) for revision in raw["revisions"])
    return Deployment(
        name=raw["name"], replicas=raw["replicas"], restarts=raw["restarts"], revisions=revisions
    )
