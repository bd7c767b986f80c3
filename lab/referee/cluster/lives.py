"""The pods of the lab's own services: since when each is there, and how often its container came back. Pure.

The engine knows when a container was started last, not why: where a restart was asked for through the API the
pod is another one, as in Kubernetes; else its container ended, and the same pod has it again.
"""

from dataclasses import dataclass, replace

from lab.referee.services import Service

UP = ("running", "paused")


@dataclass(frozen=True, kw_only=True)
class Life:
    """One pod of a service.

    *renewing*: it is being replaced, its next start is that of another pod. *finished_t*: when its container
    ended last, *exit_code* and *oom_killed* how: None where nobody saw it down.
    """

    container: str
    created_t: float
    started_t: float
    renewing: bool = False
    restarts: int = 0
    finished_t: float = 0.0
    exit_code: int | None = None
    oom_killed: bool = False


def lived(was: Life | None, service: Service) -> Life:
    """The pod as it is now, after what *was* seen of it before."""
    again = was is not None and service.started_t != was.started_t
    if was is None or was.container != service.id or (again and was.renewing):
        return Life(container=service.id, created_t=service.started_t, started_t=service.started_t)
    if again:
        was = replace(was, started_t=service.started_t, restarts=was.restarts + 1)
    if service.state not in UP:
        code, oom = service.exit_code, service.oom_killed
        return replace(was, finished_t=service.finished_t, exit_code=code, oom_killed=oom)
    if again and service.finished_t != was.finished_t:
        return replace(was, finished_t=service.finished_t, exit_code=None, oom_killed=False)
    return was
