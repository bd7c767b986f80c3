"""From what is wanted and what is seen to the next steps. Pure: no engine, no balancer, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.referee.pods.model import Deployment, Pod

# A roll-out may have this many pods more than wanted, and never fewer that are ready. As in Kubernetes, pods
# that are leaving do not count: nothing waits for them to be gone.
SURGE = 1


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How many pods to create, and which to send away, now."""

    create: int = 0
    leave: tuple[Pod, ...] = ()


def next_steps(want: Deployment, pods: Sequence[Pod]) -> Steps:
    """What to do next to get from *pods* to what *want* wants, one pod at a time."""
    staying = [pod for pod in pods if not pod.leaving]
    new = [pod for pod in staying if pod.hash == want.hash]
    old = [pod for pod in staying if pod.hash != want.hash]
    leave = (*_too_many(want, new), *_outlived(want, new, old))
    room = want.replicas + SURGE - (len(staying) - len(leave))
    return Steps(create=_to_create(want, new, old, room), leave=leave)


def _to_create(want: Deployment, new: Sequence[Pod], old: Sequence[Pod], room: int) -> int:
    missing = want.replicas - len(new)
    if missing <= 0:
        return 0
    if not old:
        return missing
    if any(not pod.ready for pod in new):
        return 0
    return max(0, min(1, missing, room))


def _too_many(want: Deployment, new: Sequence[Pod]) -> tuple[Pod, ...]:
    """Pods of the wanted revision that are too many: first those that are not ready, then the youngest."""
    surplus = len(new) - want.replicas
    if surplus <= 0:
        return ()
    return tuple(sorted(new, key=lambda pod: (pod.ready, -pod.created_t))[:surplus])


def _outlived(want: Deployment, new: Sequence[Pod], old: Sequence[Pod]) -> tuple[Pod, ...]:
    """Old pods that may go: all that are not ready, and those that are replaced by a new one that does.

    With none of the old ones serving, the new ones could not do worse.
    """
    idle = tuple(pod for pod in old if not pod.ready)
    serving = sorted((pod for pod in old if pod.ready), key=lambda pod: pod.created_t)
    replaced = sum(pod.ready for pod in new) + len(serving) - want.replicas
    return (*idle, *serving[: max(0, replaced)])


def rolled_out(want: Deployment, pods: Sequence[Pod]) -> bool:
    """Whether exactly the wanted pods are there, and all of them serve."""
    return len(pods) == want.replicas and all(
        pod.hash == want.hash and pod.ready and not pod.leaving for pod in pods
    )
