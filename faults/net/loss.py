"""Some of a container's packets never arrive."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Kind, Undo
from faults.net._ruled import Ruled
from faults.parameters import number


@dataclass(frozen=True, kw_only=True)
class Loss(Ruled):
    """A share of the packets from and to the container is dropped, each by chance: answers come in fits."""

    about: ClassVar[About] = About(
        id="net.loss",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("loss:{peer}",),
        lasts="no",
        see="retransmissions: `nstat TcpRetransSegs` and `ss -ti` on either side; answers that take"
        " 200, 400, 800 ms longer; in the container's network `iptables-save -c`",
        fix="`iptables -F` in the container's network; a restart of the container; another path",
    )

    loss_ratio: float = number(
        0.1, low=0.001, high=1.0, mild=0.01, severe=0.4, means="share of the packets that is lost, each way"
    )

    def mechanism(self) -> str:
        """By what it is done."""
        return "statistic-drop"

    def rule(self) -> str:
        """Drop it by chance."""
        return f"-m statistic --mode random --probability {self.loss_ratio:.6f} -j DROP"
