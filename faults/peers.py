"""Whose a session is: the server knows its client's address, and the engine knows who has that address."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from faults.container import Container
from faults.engine import asked
from faults.rebuild import find


@dataclass(frozen=True, kw_only=True)
class Peers:
    """What tells an actor's sessions from those of others that call themselves the same.

    An address of the *subnets* that is not *taken* by somebody else is the actor's, or was as long as it ran:
    nobody has it any more. A server that looks names up knows the actor by one of its *names*.
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


def around(target: Container, name: str) -> Peers:
    """Look at the networks of a target and of its actor *name*, which may be gone."""
    actor = find(target.engine, name)
    networks = dict.fromkeys(target.networks)
    if actor is not None:
        networks |= dict.fromkeys(actor.attrs["NetworkSettings"]["Networks"])
    with asked(f"look who else is near {target.name}"):
        near = target.engine.networks.list(names=list(networks), greedy=True) if networks else []
    found = [one.attrs for one in near if one.attrs["Name"] in networks]
    return Peers(
        subnets=tuple(each["Subnet"] for one in found for each in one["IPAM"]["Config"] or []),
        taken=tuple(address for one in found for address in _taken(one, name) if address),
        names=(name, *(f"{name}.{network}" for network in networks)),
    )


def _taken(network: dict[str, Any], but: str) -> Iterator[str]:
    """The addresses of a network's gateway, by which its host comes, and of all containers but one."""
    for each in network["IPAM"]["Config"] or []:
        yield each.get("Gateway", "")
    for one in (network["Containers"] or {}).values():
        if one["Name"] != but:
            yield one["IPv4Address"].partition("/")[0]
            yield one["IPv6Address"].partition("/")[0]
