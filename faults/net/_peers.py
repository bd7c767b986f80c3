"""Which packets of a container are meant: all, or those from and to one of its peers."""

from collections.abc import Iterator
from typing import Any

from faults.container import Container
from faults.errors import NoTarget
from faults.net import _rules

SERVICE = "com.docker.compose.service"
PATTERN = r"[A-Za-z0-9_.-]{0,62}"


def matches(target: Container, peer: str) -> str:
    """What picks the packets, for a receipt: addresses with commas between; empty for all."""
    if not peer:
        return ""
    found = sorted(set(_addresses(target, peer)))
    if not found:
        raise NoTarget(
            f"{target.name} has no peer {peer!r} on its networks", hint="docker network inspect shows who is"
        )
    return ",".join(found)


def rules(target: Container, addresses: str, rest: str) -> dict[str, tuple[str, ...]]:
    """The rules that do *rest* to those packets, by family."""
    if not addresses:
        return _rules.either_way(target, (rest,))
    by_family: dict[str, list[str]] = {}
    for address in addresses.split(","):
        family = "6" if ":" in address else "4"
        by_family.setdefault(family, []).extend([f"-s {address} {rest}", f"-d {address} {rest}"])
    return {family: tuple(found) for family, found in by_family.items()}


def _addresses(target: Container, peer: str) -> Iterator[str]:
    """The addresses, on a network in common, of whom *peer* names: container, alias or service."""
    shared = {at["NetworkID"] for at in target.networks.values()}
    for one in target.engine.containers.list():
        if one.id == target.id:
            continue
        for at in one.attrs["NetworkSettings"]["Networks"].values():
            if at["NetworkID"] in shared and peer in _names(one, at):
                yield from (at[key] for key in ("IPAddress", "GlobalIPv6Address") if at.get(key))


def _names(one: Any, at: dict[str, Any]) -> set[str]:
    return {one.name, one.labels.get(SERVICE, ""), *(at.get("Aliases") or [])}
