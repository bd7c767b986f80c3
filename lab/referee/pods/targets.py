"""The list of pods that Prometheus scrapes, kept in a file that it watches."""

import json
from collections.abc import Iterable
from pathlib import Path

from lab.referee.files import replace_text
from lab.referee.pods.model import Pod
from lab.referee.pods.probe import PORT


class TargetsFile:
    """Writes the file when the pods have changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = ""

    def write(self, pods: Iterable[Pod]) -> None:
        """Name every running pod with its release."""
        groups = [
            {
                "targets": [f"{pod.ip}:{PORT}"],
                "labels": {"pod": pod.name, "deployment": pod.deployment, "release": pod.release},
            }
            for pod in sorted(pods, key=lambda pod: pod.name)
            if pod.running and pod.ip
        ]
        text = json.dumps(groups)
        if text != self._last:
            replace_text(self._path, text)
            self._last = text
