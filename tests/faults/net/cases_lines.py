"""Late, few, lost, cut off and refused: what passes between a server and its caller."""

from faults.net.bandwidth import Bandwidth
from faults.net.connection_resets import ConnectionResets
from faults.net.latency import Latency
from faults.net.loss import Loss
from faults.net.partition import Partition
from tests.faults.laws import Case
from tests.faults.net.server import Pair, called

LATE_MS = 100
BIG_BYTES = 96 * 1024
NARROW_S = 1.0


def late(server: Pair) -> str:
    """Nine round trips: half of them are late."""
    met = server.probe("pings", 9)
    return "" if met["median_ms"] < LATE_MS else f"median {met['median_ms']:.0f} ms"


def narrow(server: Pair) -> str:
    """A big answer crawls, each time."""
    took_s = 0.0
    for _ in range(3):
        took_s = server.probe("fetch", BIG_BYTES)["took_s"]
        if took_s < NARROW_S:
            return ""
    return f"{BIG_BYTES} bytes in {took_s:.1f} s"


def lossy(server: Pair) -> str:
    """The caller's kernel has to send again."""
    met = server.probe("pings", 15)
    return "" if met["sent_again"] < 3 else f"sent again {met['sent_again']} times"


def cut_off(server: Pair) -> str:
    """No attempt of two reaches the server."""
    met = server.probe("attempts", 2)
    return "" if len(met["errors"]) < met["of"] else met["errors"][0]


def resets(server: Pair) -> str:
    """One of a dozen sessions breaks."""
    met = server.probe("attempts", 12)
    return ", ".join(error for error in met["errors"] if error.startswith("Connection"))


def rules_flushed(server: Pair) -> None:
    """Whoever has a shell in that network empties its rules."""
    server.shell("iptables -F; iptables -t mangle -F")


def line_freed(server: Pair) -> None:
    """Whoever has a shell in that network takes the shaping away."""
    server.shell("tc qdisc del dev eth0 root")


CASES = [
    Case(
        fault=Latency(),
        server=called,
        before=Pair.wait,
        felt=late,
        by_hand=lambda server: server.shell("iptables -F || true; tc qdisc del dev eth0 root || true"),
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=Bandwidth(rate_kbit=256),
        server=called,
        before=Pair.wait,
        felt=narrow,
        by_hand=line_freed,
        restart_ends=True,
    ),
    Case(
        fault=Loss(loss_ratio=0.4),
        server=called,
        before=Pair.wait,
        felt=lossy,
        by_hand=rules_flushed,
        restart_ends=True,
    ),
    Case(
        fault=Partition(),
        server=called,
        before=Pair.wait,
        felt=cut_off,
        expects="Timeout",
        by_hand=rules_flushed,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=Partition(peer="caller", answer="refusal", direction="out"),
        variant="from one peer",
        server=called,
        before=Pair.wait,
        felt=cut_off,
        expects="Timeout|Refused|Reset|OSError",
        by_hand=rules_flushed,
        restart_ends=True,
    ),
    Case(
        fault=ConnectionResets(reset_ratio=0.5),
        server=called,
        before=Pair.wait,
        felt=resets,
        expects="ConnectionReset",
        by_hand=rules_flushed,
        restart_ends=True,
    ),
]
