"""A name leads to where its server is no more."""

import ipaddress
from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState, NoTarget
from faults.net import _inside, _names
from faults.parameters import name

FROM_THE_TOP = 7
"""The engine gives a network's addresses away from the bottom: so far below the top nobody is."""


@dataclass(frozen=True, kw_only=True)
class NameResolvesWrongly(Checked):
    """In the container a name has another address than everywhere else, as after a move that it missed."""

    about: ClassVar[About] = About(
        id="net.name_resolves_wrongly",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("host:{host}",),
        lasts="no",
        see="`getent hosts NAME` in the container and in another one differ; new connections time out or are"
        " refused while the server is idle and healthy; /etc/hosts",
        fix="take the line out of the container's /etc/hosts (in place: it is a mounted file), then let pools"
        " connect anew; a restart of the container writes the file afresh",
    )

    host: str = name("postgres", pattern=r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}", means="name that leads astray")
    address: str = name(
        "",
        pattern=r"[0-9A-Fa-f.:]{0,45}",
        mild="127.0.0.1",
        severe="",
        means="where it leads: 127.0.0.1 refuses at once, another network answers as it likes; empty: where"
        " nobody is, in the same network, and each attempt waits for seconds",
    )

    def prepare(self, target: Container) -> Receipt:
        """Choose the line."""
        _inside.require_own_network(target)
        if _names.knows(_names.hosts(target), self.host):
            raise ForeignState(f"{target.name}: /etc/hosts names {self.host} already")
        address = self.address or _free_address(target)
        return {"mechanism": "hosts-file", "line": f"{address}\t{self.host}"}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Add it."""
        _names.write_hosts(target, [*_names.hosts(target), str(receipt["line"])])

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether the line is there; the engine writes the file afresh at each start."""
        return target.running and receipt["line"] in _names.hosts(target)

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Take out this very line, and no other."""
        if not target.running:
            return
        lines = _names.hosts(target)
        if receipt["line"] in lines:
            _names.write_hosts(target, [line for line in lines if line != receipt["line"]])


def _free_address(target: Container) -> str:
    for at in target.networks.values():
        if at.get("IPAddress"):
            network = ipaddress.ip_network(f"{at['IPAddress']}/{at['IPPrefixLen']}", strict=False)
            return str(network.broadcast_address - FROM_THE_TOP)
    raise NoTarget(f"{target.name} is on no network that has addresses")
