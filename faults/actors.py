"""Misbehaving clients of a server: each a container of its own, which a revert finds by name and label."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, ImageNotFound

from faults.container import Container
from faults.core import Receipt
from faults.engine import asked
from faults.errors import ForeignState, MissingCapability, NoTarget
from faults.rebuild import find

if TYPE_CHECKING:
    from docker.models.containers import Container as SdkContainer

LABEL = "dev.sev0.actor"
CARRIED = ("dev.sev0.lab", "com.docker.compose.project")
IMAGE_VARIABLE = "SEV0_ACTOR_IMAGE"
CONFLICT, GONE = 409, 404


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who an actor signs in as, on which server of the network; NoTarget where the server is on none."""

    driver: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = ""

    def __post_init__(self) -> None:
        if not self.host:
            raise NoTarget(
                f"the {self.driver} server is on no network: no client of it can sign in as {self.user}",
                hint="docker network connect",
            )


@dataclass(frozen=True, kw_only=True)
class Work:
    """What an actor does: *sessions* clients run *begin* once, then *loop* again and again (none: they hold).

    *program* is the name by which the server knows them. A statement may hold {worker} (0, 1, …), {n} (the
    turn) and {random:LOW:HIGH}. Between turns they wait *pause_ms*, after each statement *within_ms*.
    A session that the server does not grant is asked for again. *respawn*: one that was ended comes back
    after *away_ms*, as a pool's or a scheduler's would; otherwise it stays away.
    *transaction*: each turn is one transaction, and *begin* opens one that stays open where there is no loop.
    For Redis a statement is a command line with shell quoting.
    """

    program: str
    sessions: int = 1
    begin: Sequence[str] = ()
    loop: Sequence[str] = ()
    pause_ms: int = 0
    within_ms: int = 0
    transaction: bool = False
    respawn: bool = False
    away_ms: int = 500


def actor_name(target: Container, program: str) -> str:
    """A container's name for an actor against *target*; another one each time."""
    return f"{target.name}-{program}-{secrets.token_hex(3)}"


def start(target: Container, name: str, login: Login, work: Work) -> None:
    """Start an actor on the network of *target*, unless it is there already."""
    spec = {**asdict(login), **asdict(work)}
    network = next(iter(target.networks))
    start_container(
        target,
        name,
        image=image(f"the misbehaving client {name}"),
        network=network,
        environment={"ACTOR": json.dumps(spec)},
    )


def image(purpose: str) -> str:
    """The image of actors and their tools; MissingCapability names the *purpose* where there is none."""
    found = os.environ.get(IMAGE_VARIABLE, "")
    if not found:
        raise MissingCapability(
            f"no image for {purpose}", hint=f"set {IMAGE_VARIABLE} to one built from faults/actor"
        )
    return found


def labels(target: Container) -> dict[str, str]:
    """What marks a container as ours, for a fault of *target*, and as part of the same lab."""
    return {key: value for key, value in target.labels.items() if key in CARRIED} | {LABEL: target.name}


def start_container(
    target: Container, name: str, *, image: str, network: str, command: Sequence[str] = (), **options: Any
) -> None:
    """Start a labelled container *name* for a fault of *target*, instead of one of ours by that name.

    A *network* "container:ID" is that container's own.
    """
    target.on_act(f"start {name}")
    present = find(target.engine, name)
    if present is not None:
        if present.labels.get(LABEL) != target.name:
            raise ForeignState(f"a container {name} is there already, and it is not ours")
        remove(present)
    settings: dict[str, Any] = {"init": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    settings |= {"mem_limit": "256m", **options}
    settings["network_mode" if network.startswith("container:") else "network"] = network
    with asked(f"start {name}"):
        try:
            target.engine.containers.run(
                image, list(command) or None, name=name, labels=labels(target), detach=True, **settings
            )
        except ImageNotFound:
            raise MissingCapability(
                f"image {image} is not there", hint="lab images builds what is missing"
            ) from None


def running(target: Container, name: str) -> bool:
    """Whether the actor is there and runs."""
    found = find(target.engine, name)
    return found is not None and found.status == "running"


def stop(target: Container, name: str) -> None:
    """Remove an actor; one that is gone counts as removed, one without our label is refused."""
    target.on_act(f"stop {name}")
    found = find(target.engine, name)
    if found is None:
        return
    if LABEL not in found.labels:
        raise ForeignState(f"container {name} does not carry {LABEL}: it is not ours to remove")
    remove(found)


def sweep(engine: docker.DockerClient, target: str, receipt: Receipt) -> None:
    """Remove the actors that a receipt names, where their *target* is gone and cannot be asked any more."""
    for name in receipt.values():
        found = find(engine, name) if isinstance(name, str) and name.startswith(f"{target}-") else None
        if found is not None and found.labels.get(LABEL) == target:
            remove(found)


def remove(found: "SdkContainer") -> None:
    """Remove it; one that somebody else is removing, or has removed, counts as removed."""
    with asked(f"remove {found.name}"):
        try:
            found.remove(force=True)
        except APIError as error:
            if error.status_code not in (CONFLICT, GONE):
                raise
