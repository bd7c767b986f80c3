"""A pod put together from what the engine, the balancer and the desired state know of it."""

from collections.abc import Callable

from lab.referee.balancer import Server
from lab.referee.pods.containers import Seen
from lab.referee.pods.model import Pod
from lab.referee.pods.store import State


def pod_of(
    seen: Seen,
    server: Server | None,
    state: State,
    *,
    selected: bool,
    busy: bool,
    ready: Callable[[str], bool],
) -> Pod:
    """The pod of a container; one that no service selects is asked itself whether it is ready."""
    served = server is not None and server.up and seen.running
    answers = seen.running and not seen.paused
    exit_code, oom_killed = seen.exit_code, seen.oom_killed
    if seen.running and seen.name in state.ends:
        exit_code, oom_killed = state.ends[seen.name]
    return Pod(
        name=seen.name,
        deployment=seen.deployment,
        hash=seen.hash,
        release=seen.release,
        revision=seen.revision,
        ip=seen.ip,
        running=seen.running,
        ready=answers and (served or (not selected and bool(seen.ip) and ready(seen.ip))),
        paused=seen.paused,
        served=served,
        leaving=seen.name in state.leaving,
        leaving_t=state.leaving.get(seen.name, 0.0),
        busy=busy,
        created_t=seen.created_t,
        labels=seen.labels,
        container=seen.container,
        image_id=seen.image_id,
        started_t=seen.started_t,
        finished_t=seen.finished_t,
        exit_code=exit_code,
        oom_killed=oom_killed,
        restarts=state.restarts.get(seen.name, 0),
    )
