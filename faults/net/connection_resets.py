"""Something in between ends a container's connections."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Kind, Undo
from faults.net._ruled import Ruled
from faults.parameters import choice, number

STATES = {"new": "--ctstate NEW ", "open": "--ctstate ESTABLISHED ", "any": ""}


@dataclass(frozen=True, kw_only=True)
class ConnectionResets(Ruled):
    """A share of what clients send over TCP is answered by a reset: sessions break in the middle.

    As behind a middlebox that forgets, only the side that opened the connection is told; the other keeps its
    half until it speaks, or until its keepalive finds out.
    """

    about: ClassVar[About] = About(
        id="net.connection_resets",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("resets:{peer}",),
        lasts="no",
        see="clients' errors: connection reset by peer, connection refused, server closed the connection"
        " unexpectedly; `nstat TcpEstabResets TcpOutRsts`; in the container's network `iptables-save -c`",
        fix="`iptables -F` in the container's network; a restart of the container; clients that try again",
    )

    reset_ratio: float = number(
        0.1, low=0.0001, high=1.0, mild=0.001, severe=0.5, means="share of packets that is answered so"
    )
    connections: str = choice(
        "any",
        *STATES,
        mild="new",
        severe="any",
        means="whether it hits attempts, what is established, or both",
    )

    def mechanism(self) -> str:
        """By what it is done."""
        return "reject-tcp-reset"

    def rule(self) -> str:
        """Reset its connection by chance."""
        by_chance = f"-m statistic --mode random --probability {self.reset_ratio:.6f}"
        whose = f"-m conntrack --ctdir ORIGINAL {STATES[self.connections]}"
        return f"-p tcp {whose}{by_chance} -j REJECT --reject-with tcp-reset"
