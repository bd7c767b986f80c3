"""A container's line has become narrow."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import MissingCapability
from faults.net import _inside, _qdisc
from faults.parameters import number

BURST_BYTES = 16_384
BURST_S = 0.02
"""A bucket holds what the line carries in this time, so that a timer's tick does not narrow a wide line."""
QUEUE_MS = 400


@dataclass(frozen=True, kw_only=True)
class Bandwidth(Checked):
    """The container sends no more than so much a second: big answers crawl, small ones wait behind them."""

    about: ClassVar[About] = About(
        id="net.bandwidth",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("interface",),
        lasts="no",
        see="the time that a big answer takes, bytes sent a second; in the container's network `tc -s qdisc`:"
        " tbf, its backlog and overlimits",
        fix="`tc qdisc del dev eth0 root` in the container's network; a restart of the container; smaller"
        " answers until then",
    )

    rate_kbit: int = number(
        1000, low=8, high=10_000_000, unit="kbit/s", mild=20_000, severe=128, means="what it can send"
    )

    def prepare(self, target: Container) -> Receipt:
        """See that the kernel can do it, and that nobody else does."""
        _inside.require_own_network(target)
        if not _qdisc.known(target, self._discipline()):
            raise MissingCapability("this kernel has no token bucket (tbf) to narrow a line with")
        _qdisc.refuse_foreign(target)
        return {"mechanism": "tbf", "handle": _qdisc.new_handle()}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Narrow the line."""
        _qdisc.add(target, receipt, self._discipline())

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether it is narrow."""
        return _qdisc.present(target, receipt)

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Make it wide again."""
        _qdisc.remove(target, receipt)

    def _discipline(self) -> str:
        burst = max(BURST_BYTES, int(self.rate_kbit * 1000 / 8 * BURST_S))
        return f"tbf rate {self.rate_kbit}kbit burst {burst} latency {QUEUE_MS}ms"
