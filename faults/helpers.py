"""Containers that do one thing for a fault and go: what marks them, and the end of those left behind.

Whoever started one removes it. Where they were killed before they could, nobody else knows of it: it stands
there, and costs a name and some disk.
"""

import contextlib
from collections.abc import Container as Holding
from typing import TYPE_CHECKING

import docker

from faults import actors
from faults.container import Container
from faults.engine import asked
from faults.errors import NotReached
from faults.wait import SYSTEM_CLOCK, Clock, until

if TYPE_CHECKING:
    from docker.models.containers import Container as SdkContainer

LABEL = "dev.sev0.helper"
LAB, _ = actors.CARRIED
WITHIN_S = 30
"""What runs in one is ended after so long."""
GRACE_S = 5.0
"""Who is alive starts theirs, and removes it once it has ended, in less."""


def labels(target: Container) -> dict[str, str]:
    """What marks a container as a helper of a fault of *target*."""
    return actors.labels(target) | {LABEL: target.name}


def sweep(
    engine: docker.DockerClient,
    *,
    labs: Holding[str] = (),
    targets: Holding[str] = (),
    clock: Clock = SYSTEM_CLOCK,
) -> tuple[str, ...]:
    """Remove the helpers that nobody will remove, by lab ("" is outside labs) or by target; their names.

    Others may be at work: what runs is waited for, and what does not run is removed only if it is still there
    a little later.
    """

    def idle() -> "dict[str, SdkContainer]":
        return {str(one.id): one for one in _there(engine, labs, targets) if one.status != "running"}

    if not _there(engine, labs, targets):
        return ()
    with contextlib.suppress(NotReached):
        until(
            lambda: len(idle()) == len(_there(engine, labs, targets)) or None,
            what="what helpers do has ended",
            timeout_s=WITHIN_S + GRACE_S,
            clock=clock,
        )
    seen = idle()
    clock.sleep(GRACE_S)
    abandoned = [one for ident, one in idle().items() if ident in seen]
    for one in abandoned:
        actors.remove(one)
    return tuple(str(one.name) for one in abandoned)


def _there(engine: docker.DockerClient, labs: Holding[str], targets: Holding[str]) -> "list[SdkContainer]":
    with asked("list the helpers"):
        found = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    return [one for one in found if one.labels.get(LAB, "") in labs or one.labels[LABEL] in targets]
