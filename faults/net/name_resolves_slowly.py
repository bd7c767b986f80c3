"""Whoever knows the addresses takes their time."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.net import _inside, _late, _names, _rules
from faults.net._rules import Chain
from faults.parameters import number

TABLE = "mangle"
"""Looks at a question before it is sent on to where the engine's resolver really listens."""


@dataclass(frozen=True, kw_only=True)
class NameResolvesSlowly(Checked):
    """Each question for a name's address is answered late: every new connection waits before it begins."""

    about: ClassVar[About] = About(
        id="net.name_resolves_slowly",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("resolver",),
        lasts="no",
        see="`time getent hosts NAME` in the container, beside a connect to the address itself; connect times"
        " grow while established sessions are as fast as ever",
        fix="`iptables -t mangle -F` in the container's network; another name server; an entry in /etc/hosts"
        " for what must not wait; pools that keep their connections; a restart of the container",
    )

    delay_ms: int = number(
        3000, low=10, high=60_000, unit="ms", mild=200, severe=8000, means="what an answer takes longer"
    )
    jitter_ms: int = number(
        0, low=0, high=10_000, unit="ms", mild=0, severe=2000, means="how much more or less it may be"
    )

    def prepare(self, target: Container) -> Receipt:
        """See whom the container asks, and that the kernel can hold questions back."""
        _inside.require_own_network(target)
        servers = ",".join(_names.nameservers(target))
        if not servers:
            raise NoTarget(
                f"{target.name} asks nobody for addresses: its /etc/resolv.conf has no name server"
            )
        chain = self._chain(_rules.new_name(), servers)
        return {**_late.prepared(target, chain), "servers": servers}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Hold its questions back."""
        chain = self._chain(str(receipt["chain"]), str(receipt["servers"]))
        _late.add(target, chain, receipt, delay_ms=self.delay_ms, jitter_ms=self.jitter_ms)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether they are held back."""
        return _late.present(target, Chain(name=str(receipt["chain"]), table=TABLE), receipt)

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Let them go."""
        _late.remove(target, Chain(name=str(receipt["chain"]), table=TABLE), receipt)

    @staticmethod
    def _chain(name: str, servers: str) -> Chain:
        caught: dict[str, tuple[str, ...]] = {}
        for server in servers.split(","):
            family = "6" if ":" in server else "4"
            asked = tuple(f"-d {server} -p {protocol} --dport 53" for protocol in ("udp", "tcp"))
            caught[family] = caught.get(family, ()) + asked
        return Chain(name=name, table=TABLE, hooks=("OUTPUT",), loopback=True, rules=caught)
