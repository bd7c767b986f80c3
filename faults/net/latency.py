"""Everything that a container says comes late."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.net import _inside, _late, _qdisc, _rules
from faults.net._rules import Chain
from faults.parameters import number

NETEM = "netem"


@dataclass(frozen=True, kw_only=True)
class Latency(Checked):
    """Each round trip to the container takes longer, by a time that varies; the order of packets is kept."""

    about: ClassVar[About] = About(
        id="net.latency",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("interface",),
        lasts="no",
        see="the time of a ping or a connect from another container; `ss -ti` there: rtt; in the container's"
        " network `tc -s qdisc` (netem) or `iptables-save` (NFQUEUE)",
        fix="`tc qdisc del dev eth0 root`, or `iptables -F`, in the container's network; a restart of the"
        " container; another path",
    )

    delay_ms: int = number(
        200, low=1, high=30_000, unit="ms", mild=20, severe=2000, means="what a round trip takes longer"
    )
    jitter_ms: int = number(
        20, low=0, high=10_000, unit="ms", mild=0, severe=500, means="how much more or less it may be"
    )

    def prepare(self, target: Container) -> Receipt:
        """Find out how this kernel can hold packets back."""
        _inside.require_own_network(target)
        if _qdisc.known(target, f"{NETEM} delay 1ms"):
            _qdisc.refuse_foreign(target)
            return {"mechanism": NETEM, "handle": _qdisc.new_handle()}
        return _late.prepared(target, self._chain(target, _rules.new_name()))

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Hold packets back."""
        if receipt["mechanism"] == NETEM:
            _qdisc.add(target, receipt, self.netem())
        else:
            chain = self._chain(target, str(receipt["chain"]))
            _late.add(target, chain, receipt, delay_ms=self.delay_ms, jitter_ms=self.jitter_ms)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether packets are held back."""
        if receipt["mechanism"] == NETEM:
            return _qdisc.present(target, receipt)
        return _late.present(target, Chain(name=str(receipt["chain"])), receipt)

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Let them go."""
        if receipt["mechanism"] == NETEM:
            _qdisc.remove(target, receipt)
        else:
            _late.remove(target, Chain(name=str(receipt["chain"])), receipt)

    def netem(self) -> str:
        """The discipline as tc reads it; with a rate, it keeps packets in order whatever the jitter."""
        spread = f" {self.jitter_ms}ms rate 100gbit" if self.jitter_ms else ""
        return f"{NETEM} delay {self.delay_ms}ms{spread} limit 100000"

    def _chain(self, target: Container, name: str) -> Chain:
        # What comes in is held back, not what goes out: a sender's socket would count what waits as its own.
        return Chain(name=name, hooks=("INPUT",), rules=_rules.either_way(target, ("",)))
