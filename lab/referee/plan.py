"""What the load is asked to do, in a file that it re-reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.referee.files import Owner, replace_text
from lab.scenario import Burst, Load


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A rate, and bursts on top of it by id with their start (unix seconds)."""

    load: Load
    bursts: Mapping[str, tuple[float, Burst]] = field(default_factory=dict)


class PlanFile:
    """The load's plan. Each write replaces it at once."""

    def __init__(self, path: Path, *, owner: Owner | None = None) -> None:
        self._path = path
        self._owner = owner

    def write(self, planned: Planned) -> None:
        """Ask for this from now on."""
        replace_text(self._path, json.dumps(_as_json(planned), indent=1), owner=self._owner)

    def stop(self) -> None:
        """Ask for nothing any more."""
        nothing = json.dumps({"rate_per_s": 0, "options": {}, "bursts": []})
        try:
            replace_text(self._path, nothing, owner=self._owner)
        except OSError:
            # No room for a second file: this one takes less than what it replaces.
            self._path.write_text(nothing, encoding="utf-8")


def _as_json(planned: Planned) -> dict[str, Any]:
    bursts = [
        {
            "id": name,
            "route": burst.route,
            "rate_per_s": burst.rate_per_s,
            "start": start,
            "for_s": burst.for_s,
            "options": dict(burst.options),
        }
        for name, (start, burst) in planned.bursts.items()
    ]
    return {"rate_per_s": planned.load.rate_per_s, "options": dict(planned.load.options), "bursts": bursts}
