"""Counts what happens to containers, from one look at them to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.history.records import Reading
from lab.readings import Fact
from lab.referee.pods.model import Pod
from lab.referee.samplers.paced import Answer
from lab.referee.services import Service


@dataclass(frozen=True, kw_only=True)
class Look:
    """One container as it is now; times in unix seconds, 0 for never or not known."""

    id: str
    running: bool
    started_t: float
    finished_t: float = 0.0
    oom_killed: bool = False
    created_t: float = 0.0


def look_of_service(service: Service) -> Look:
    """What counts of a service."""
    return Look(
        id=service.id,
        running=service.state == "running",
        started_t=service.started_t,
        finished_t=service.finished_t,
        oom_killed=service.oom_killed,
    )


def look_of_pod(pod: Pod) -> Look:
    """What counts of a pod."""
    return Look(
        id=pod.name,
        running=pod.running,
        started_t=pod.started_t,
        finished_t=pod.finished_t,
        oom_killed=pod.oom_killed,
        created_t=pod.created_t,
    )


class Facts:
    """One fact of some containers. *before*: the last that an earlier referee of this run wrote down."""

    def __init__(self, fact: Fact, look: Callable[[], Sequence[Look]], *, before: Reading | None) -> None:
        self._fact = fact
        self._look = look
        self._count = (before.value or 0.0) if before else 0.0
        self._before_t = before.t if before else None
        self._known: dict[str, Look] | None = None

    def __call__(self) -> Answer:
        """The fact now."""
        looks = self._look()
        if self._fact is Fact.RUNNING:
            return Answer(value=float(sum(look.running for look in looks)))
        if self._known is None:
            self._count += sum(self._missed(look) for look in looks)
        else:
            self._count += sum(self._happened(look, self._known.get(look.id)) for look in looks)
        # Those that are gone stay known: a name may be looked up while its container is being started.
        self._known = {**(self._known or {}), **{look.id: look for look in looks}}
        return Answer(value=self._count)

    def _happened(self, now: Look, then: Look | None) -> bool:
        """Whether it happened to a container since the last look."""
        if self._fact is Fact.OOM_KILLS:
            known = then is not None and then.oom_killed and then.finished_t == now.finished_t
            return now.oom_killed and not known
        return then is not None and 0 < then.started_t < now.started_t

    def _missed(self, now: Look) -> bool:
        """Whether it happened while nobody looked: after the last reading, to a container older than that."""
        if self._before_t is None:
            return False
        if self._fact is Fact.OOM_KILLS:
            return now.oom_killed and now.finished_t > self._before_t
        return now.created_t <= self._before_t < now.started_t
