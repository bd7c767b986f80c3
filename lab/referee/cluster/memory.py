"""What the cluster has told and seen, on disk: the next referee neither forgets it nor tells it again."""

import json
from pathlib import Path
from typing import Any

from lab.referee.files import Owner, replace_text


class Memory:
    """Values by name. Used by one thread at a time; without a *path* it lasts as long as the process."""

    def __init__(self, path: Path | None = None, *, owner: Owner | None = None) -> None:
        self._path = path
        self._owner = owner
        self._values: dict[str, Any] = {}
        self._changed = False
        if path is not None and path.exists():
            self._values = json.loads(path.read_text(encoding="utf-8"))

    def get(self, name: str) -> Any:
        """What is kept under a name; None where nothing is."""
        return self._values.get(name)

    def put(self, name: str, value: Any) -> None:
        """Keep plain JSON under a name."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._changed = True

    def forget(self, name: str) -> None:
        """Keep it no longer."""
        if self._values.pop(name, None) is not None:
            self._changed = True

    def names(self, prefix: str) -> list[str]:
        """The names that begin so."""
        return [name for name in self._values if name.startswith(prefix)]

    def save(self) -> None:
        """Have it on disk, where it has changed."""
        if self._changed and self._path is not None:
            replace_text(self._path, json.dumps(self._values), owner=self._owner)
            self._changed = False
