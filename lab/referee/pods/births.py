"""Pods that the engine does not show: those that are being made, and those whose image does not exist."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from lab.referee.errors import NoImage
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment, Pod


class Births:
    """Remembers them until there is a container."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._creating: dict[str, Pod] = {}
        self._waiting: dict[str, Pod] = {}

    def begin(self, want: Deployment) -> str:
        """A pod of what is wanted is being made; its name."""
        name = want.pod_name()
        self._creating[name] = Pod(
            name=name,
            deployment=want.name,
            hash=want.hash,
            release=want.current.release,
            revision=want.current.number,
            running=False,
            busy=True,
            created_t=self._now(),
            labels=templates.pod_labels(want.current.template),
        )
        return name

    def ended(self, name: str, error: BaseException | None) -> None:
        """What was done to a pod is over: one without an image waits from now on."""
        pod = self._creating.pop(name, None)
        if isinstance(error, NoImage) and pod is not None:
            self._waiting[name] = replace(pod, busy=False, waiting=str(error))

    def give_up(self, name: str) -> None:
        """A pod that waits must go."""
        self._waiting.pop(name, None)

    def pods(self, seen: Collection[str], leaving: Mapping[str, float]) -> tuple[Pod, ...]:
        """All of them that the engine does not show by now."""
        coming = tuple(pod for name, pod in self._creating.items() if name not in seen)
        return (*coming, *(_as_told(pod, leaving) for pod in self._waiting.values()))


def _as_told(pod: Pod, leaving: Mapping[str, float]) -> Pod:
    return replace(pod, leaving=pod.name in leaving, leaving_t=leaving.get(pod.name, 0.0))
