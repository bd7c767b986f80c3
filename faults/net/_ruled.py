"""What all faults share that are one chain of packet rules: they differ in what becomes of a packet."""

from dataclasses import dataclass

from faults.container import Container
from faults.core import Checked, Receipt
from faults.net import _inside, _peers, _rules
from faults.net._rules import Chain
from faults.parameters import name


@dataclass(frozen=True, kw_only=True)
class Ruled(Checked):
    """Something becomes of the packets from and to the container, or those of one peer."""

    peer: str = name(
        "",
        pattern=_peers.PATTERN,
        means="only packets of this container, alias or service; empty: all packets",
    )

    def mechanism(self) -> str:
        """By what it is done, in a word, for the receipt."""
        raise NotImplementedError

    def rule(self) -> str:
        """What becomes of a packet, as iptables reads it."""
        raise NotImplementedError

    def hooks(self) -> tuple[str, ...]:
        """Where packets are looked at: as they come in, as they go out, or both."""
        return ("INPUT", "OUTPUT")

    def prepare(self, target: Container) -> Receipt:
        """See that the kernel can do it, and find the peer."""
        _inside.require_own_network(target)
        peers = _peers.matches(target, self.peer)
        chain = self._chain(target, _rules.new_name(), peers)
        rules = _rules.probe(target, chain)
        return {"mechanism": self.mechanism(), "chain": chain.name, "rules": rules, "peers": peers}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Add the rules."""
        _rules.add(target, self._chain(target, str(receipt["chain"]), str(receipt["peers"])), receipt)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether the rules are there, and reached."""
        return _rules.present(target, Chain(name=str(receipt["chain"])), receipt)

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Remove them."""
        _rules.remove(target, Chain(name=str(receipt["chain"])), receipt)

    def _chain(self, target: Container, chain: str, peers: str) -> Chain:
        return Chain(name=chain, hooks=self.hooks(), rules=_peers.rules(target, peers, self.rule()))
