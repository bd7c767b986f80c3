"""How far a deployment's last revision has come, and since when. Pure.

Kubernetes keeps this in the conditions of the deployment's status; here objects are made anew each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.referee.pods.model import Deployment, Pod

DEADLINE_S = 600
MAX_UNAVAILABLE = 0
TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What was seen of a revision.

    *complete*: once all wanted pods were of it and ready; it stays so, whatever happens to them later.
    *moved_t*: when it came further last. *status* is that of the condition Progressing; *status_t* and
    *available_t*: since when it, and the deployment's being available, are as they are.
    """

    revision: int
    updated: int
    old: int
    ready: int
    complete: bool
    moved_t: float
    status: str
    status_t: float
    available: bool
    available_t: float


def progress(was: Progress | None, want: Deployment, pods: Sequence[Pod], *, now_t: float) -> Progress:
    """What is seen now, after what *was* seen before; pods that merely leave count for nothing."""
    staying = [pod for pod in pods if not pod.leaving]
    updated = sum(pod.hash == want.hash for pod in staying)
    old, ready = len(staying) - updated, sum(pod.ready for pod in staying)
    of_it = was if was and was.revision == want.current.number else None
    complete = updated == ready == want.replicas and not old
    further = of_it and (updated > of_it.updated or old < of_it.old or ready > of_it.ready)
    moved_t = want.current.t if of_it is None else of_it.moved_t
    if of_it and not of_it.complete and (complete or further or of_it.status == UNKNOWN):
        moved_t = now_t
    complete = complete or bool(of_it and of_it.complete)
    status = UNKNOWN if want.paused else TRUE if complete or now_t - moved_t <= DEADLINE_S else FALSE
    available = ready >= want.replicas - MAX_UNAVAILABLE
    return Progress(
        revision=want.current.number,
        updated=updated,
        old=old,
        ready=ready,
        complete=complete,
        moved_t=moved_t,
        status=status,
        status_t=now_t if was and was.status != status else was.status_t if was else want.created_t,
        available=available,
        available_t=was.available_t if was and was.available == available else now_t,
    )
