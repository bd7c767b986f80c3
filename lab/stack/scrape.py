"""The files that tell Prometheus which optional services there are: one for each job."""

import json
from collections.abc import Iterable
from pathlib import Path

from lab.stack import atomic, extras


def write(folder: Path, present: Iterable[str]) -> None:
    """Write one file of targets for each job."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    for job, groups in extras.targets(tuple(present)):
        atomic.write(folder / f"{job}.json", json.dumps(groups).encode(), mode=0o644)
