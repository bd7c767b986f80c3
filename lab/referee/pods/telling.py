"""Tells what becomes of pods: each change of a pod's state once, with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lab.referee.pods.model import Pod

TROUBLE, UNHEALTHY, GONE = "trouble", "unhealthy", "gone"


def last_said(told: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The state that was told last of each pod that is not gone, from all that was told in order."""
    said: dict[str, str] = {}
    for detail in told:
        if detail["state"] not in (TROUBLE, UNHEALTHY):
            said[str(detail["name"])] = str(detail["state"])
    return {name: state for name, state in said.items() if state != GONE}


class Telling:
    """Remembers what it said last of each pod; *said*: what another one did before."""

    def __init__(self, tell: Callable[[str, Mapping[str, Any]], object], said: Mapping[str, str]) -> None:
        self._tell = tell
        self._said = dict(said)

    def trouble(self, name: str, reason: str) -> None:
        """Something that was done to a pod has failed."""
        self._tell("pod", {"name": name, "state": TROUBLE, "reason": reason})

    def unhealthy(self, found: Iterable[tuple[Pod, str]]) -> None:
        """Pods do not get ready, or not again, and what each answers to its probe."""
        for pod, answer in found:
            self._tell("pod", {"name": pod.name, "state": UNHEALTHY, "reason": answer, **_origin(pod)})

    def say(self, pods: Sequence[Pod], *, wrong: Callable[[str], str] = lambda _: "") -> None:
        """Tell what has changed since the last round; *wrong*: what is wrong with a pod that is not ready."""
        states = {pod.name: pod.state for pod in pods}
        for pod in pods:
            if self._said.get(pod.name) != pod.state:
                reason = self._reason(pod, wrong)
                self._tell("pod", {"name": pod.name, "state": pod.state, "reason": reason, **_origin(pod)})
        for name in self._said.keys() - states.keys():
            self._tell("pod", {"name": name, "state": GONE, "reason": ""})
        self._said = states

    def _reason(self, pod: Pod, wrong: Callable[[str], str]) -> str:
        if pod.state == "crashed":
            return "out of memory" if pod.oom_killed else f"exited with {pod.exit_code}"
        if pod.state == "waiting":
            return pod.waiting
        if pod.state == "not ready" and self._said.get(pod.name) == "ready":
            return wrong(pod.name) or "health check failed"
        return ""


def _origin(pod: Pod) -> dict[str, Any]:
    return {"deployment": pod.deployment, "release": pod.release, "revision": pod.revision}
