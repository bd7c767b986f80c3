"""Asks pods that are not ready what is wrong, each for itself: who is ready is the balancer's to say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lab.referee.pods.model import Pod

PERIOD_S, FAILURES = 1.0, 3
SLOW_PERIOD_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How often in a row a pod was wrong, what it answered last, what of that was told, when to ask next."""

    failures: int = 0
    answer: str = ""
    told: str = ""
    next_t: float = 0.0


class Probing:
    """Remembers the answers of pods that are not ready."""

    def __init__(self, wrong: Callable[[str], str], *, now: Callable[[], float]) -> None:
        self._wrong = wrong
        self._now = now
        self._asked: dict[str, Asked] = {}

    def answer(self, pod: str) -> str:
        """What was wrong with a pod when it was asked last; empty where nothing was, or nobody asked."""
        return self._asked.get(pod, Asked()).answer

    def look(self, pods: Sequence[Pod]) -> list[tuple[Pod, str]]:
        """Ask the one that waits longest; those that were wrong too often in a row, with what to tell of it.

        One at a time: a pod that does not answer keeps the one who asks waiting.
        """
        unready = [pod for pod in pods if _is_asked(pod)]
        self._asked = {pod.name: self._asked.get(pod.name, Asked()) for pod in unready}
        first = min(unready, key=lambda pod: self._asked[pod.name].next_t, default=None)
        if first is not None:
            self._asked[first.name] = self._ask(first, self._asked[first.name])
        news = []
        for pod in unready:
            was = self._asked[pod.name]
            if was.failures >= FAILURES and was.answer != was.told:
                self._asked[pod.name] = replace(was, told=was.answer)
                news.append((pod, was.answer))
        return news

    def _ask(self, pod: Pod, was: Asked) -> Asked:
        now = self._now()
        if now < was.next_t:
            return was
        answer = self._wrong(pod.ip)
        failures = was.failures + 1 if answer else 0
        period_s = SLOW_PERIOD_S if failures >= FAILURES else PERIOD_S
        return replace(was, failures=failures, answer=answer, next_t=now + period_s)


def _is_asked(pod: Pod) -> bool:
    return pod.running and bool(pod.ip) and not (pod.ready or pod.leaving or pod.busy)
