"""Whose a session is: the server knows its client's address, and the engine knows who has that address."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from docker.errors import NotFound

from faults.container import Container
from faults.engine import asked
from faults.rebuild import find


@dataclass(frozen=True, kw_only=True)
class Peers:
    """What tells an actor's sessions from those of others that call themselves the same.

    Of one that runs, the *subnets* are its addresses. Of one that is gone, any address near by that is not
    *taken* by somebody else was its own: nobody has it any more. A server that looks names up knows it by
    one of its *names*.
    """

    subnets: tuple[str, ...]
    taken: tuple[str, ...]
    names: tuple[str, ...]

    def ours(self, client: str) -> bool:
        """Whether that address, or name, of a client is the actor's."""
        try:
            address = ip_address(client)
        except ValueError:
            return client in self.names
        return client not in self.taken and any(address in ip_network(subnet) for subnet in self.subnets)


def own(target: Container, name: str) -> Peers | None:
    """The addresses that the actor *name* has now: those and no others; None where it has none any more."""
    networks = _networks(target, name)
    found = [at[key] for at in networks.values() for key in ("IPAddress", "GlobalIPv6Address") if at.get(key)]
    return Peers(subnets=tuple(found), taken=(), names=_names(name, networks)) if found else None


def around(target: Container, name: str) -> Peers:
    """What tells the sessions of its actor *name*: its addresses or, where it is gone, who else is near."""
    if (known := own(target, name)) is not None:
        return known
    networks = _networks(target, name) | target.networks
    found = [_network(target, at["NetworkID"]) for at in networks.values() if at["NetworkID"]]
    gateways = (at.get(key) for at in networks.values() for key in ("Gateway", "IPv6Gateway"))
    taken = (*gateways, *(address for one in found for address in _taken(one, name)))
    return Peers(
        subnets=tuple(each["Subnet"] for one in found for each in _subnets(one)),
        taken=tuple(filter(None, taken)),
        names=_names(name, networks),
    )


def _networks(target: Container, name: str) -> dict[str, Any]:
    """The networks of an actor, by name, with its address on each; none of one that is gone."""
    actor = find(target.engine, name)
    return {} if actor is None else dict(actor.attrs["NetworkSettings"]["Networks"])


def _names(name: str, networks: Iterable[str]) -> tuple[str, ...]:
    return (name, *(f"{name}.{network}" for network in networks))


def _network(target: Container, ident: str) -> dict[str, Any]:
    """What the engine says of a network; nothing of one that is gone."""
    with asked(f"look who else is near {target.name}"):
        try:
            return dict(target.engine.networks.get(ident).attrs)
        except NotFound:
            return {}


def _subnets(network: Mapping[str, Any]) -> list[dict[str, str]]:
    return network.get("IPAM", {}).get("Config") or []


def _taken(network: Mapping[str, Any], but: str) -> Iterator[str]:
    """The addresses of a network's gateway, by which its host comes, and of all containers but one."""
    for each in _subnets(network):
        yield each.get("Gateway", "")
    for one in (network.get("Containers") or {}).values():
        if one["Name"] != but:
            yield one["IPv4Address"].partition("/")[0]
            yield one["IPv6Address"].partition("/")[0]
