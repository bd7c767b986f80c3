"""Make a container anew from its own description: the undo of what has no inverse."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import NotFound

from faults.engine import asked
from faults.errors import TargetGone

if TYPE_CHECKING:
    from docker.models.containers import Container

ASIDE = ".old"


def find(engine: docker.DockerClient, ident: str) -> "Container | None":
    """The container of that name or id; None where there is none."""
    with asked(f"look for container {ident}"):
        try:
            return engine.containers.get(ident)
        except NotFound:
            return None


def rebuild(engine: docker.DockerClient, name: str) -> str:
    """Remove the container *name* and make it again from its own description; returns the new id.

    What it had written is gone, volumes that are mounted by name stay. Safe to call again after a crash in
    the middle: the old container stands aside under another name until the new one runs.
    """
    old, current = find(engine, name + ASIDE), find(engine, name)
    with asked(f"make {name} anew"):
        if old is None:
            if current is None:
                raise TargetGone(f"no container {name} to make anew", hint="docker ps -a shows what there is")
            old, current = current, None
            old.rename(name + ASIDE)
        if current is not None:
            current.remove(force=True, v=True)
        if old.attrs["State"]["Running"]:
            old.kill()
            old.wait()
        new = _twin(engine, old.attrs, name)
        engine.api.start(new)
        old.remove(force=True, v=True)
    return new


def _twin(engine: docker.DockerClient, attrs: Mapping[str, Any], name: str) -> str:
    """Create a container as *attrs* (`docker inspect`) describe it."""
    ident = str(attrs["Id"])
    aliases = {
        network: [alias for alias in at.get("Aliases") or [] if alias != ident[:12]]
        for network, at in attrs["NetworkSettings"]["Networks"].items()
    }
    config = {key: value for key, value in attrs["Config"].items() if value is not None}
    if config.get("Hostname") == ident[:12]:
        config.pop("Hostname")
    first = next(iter(aliases), None)
    networking = {"EndpointsConfig": {first: {"Aliases": aliases[first]}}} if first else {}
    body = {**config, "HostConfig": attrs["HostConfig"], "NetworkingConfig": networking}
    new = str(engine.api.create_container_from_config(body, name=name)["Id"])  # type: ignore[no-untyped-call]
    for network in list(aliases)[1:]:
        engine.api.connect_container_to_network(new, network, aliases=aliases[network])
    return new
