"""Late, few, lost, cut off and refused: what passes between a server and its caller."""

from typing import Any

from faults.net.bandwidth import Bandwidth
from faults.net.connection_resets import ConnectionResets
from faults.net.latency import Latency
from faults.net.loss import Loss
from faults.net.partition import Partition
from tests.faults.laws import Case
from tests.faults.net.server import Pair, called
from tests.faults.strengths import End

LATE_MS = 100
DELAY_MS = range(180, 400)
"""What the delay of 200 ms makes of a round trip, on a machine that has other things to do."""
BIG_BYTES = 256 * 1024
NARROW_S = 1.0
HUGE_BYTES = 4 * 1024 * 1024
SMALL_BYTES = 96 * 1024
RATE_KBIT = range(500, 1200)
"""What is seen of 1000 kbit/s: the first packets pass at once, and a busy machine is late."""
AGAIN = 3
"""So often a busy machine lets the caller's kernel send again."""
ENOUGH = 15
SESSIONS = 6
"""Of their round trips twice as many as are enough lose a packet on the way there, others on the way back."""
ATTEMPTS = 60
"""Where one packet in ten is answered by a reset, some of so many sessions break after they began."""


def late(server: Pair, least_ms: int = LATE_MS, told_ms: range = DELAY_MS) -> str:
    """Nine round trips: half of them are late, by what they are held back and not for what was lost."""
    met = server.probe("pings", 9)
    median_ms, again = round(met["median_ms"]), met["sent_again"]
    if median_ms < least_ms:
        return ""
    late_by = "as told" if median_ms in told_ms else f"{median_ms} ms"
    return f"late: {late_by}, {'nothing' if again < AGAIN else again} sent again"


def a_little_late(server: Pair) -> str:
    """The same, by 20 ms."""
    return late(server, least_ms=15, told_ms=range(18, 80))


def very_late(server: Pair) -> str:
    """The same, by two seconds, give or take half of one."""
    return late(server, told_ms=range(1400, 3000))


def narrow(server: Pair, size: int = BIG_BYTES, told_kbit: range = RATE_KBIT) -> str:
    """A big answer crawls, each time; a small one does not."""
    took_s = []
    for _ in range(3):
        took_s.append(server.probe("fetch", size)["took_s"])
        if took_s[-1] < NARROW_S:
            return ""
    rate_kbit = round(size * 8 / 1000 / min(took_s))
    rate = "as told" if rate_kbit in told_kbit else f"{rate_kbit} kbit/s"
    small = "late" if server.probe("pings", 3)["median_ms"] >= LATE_MS else "in time"
    return f"narrow: {rate}, small answers {small}"


def a_little_narrow(server: Pair) -> str:
    """A huge one does, at 20 Mbit/s."""
    return narrow(server, HUGE_BYTES, range(10_000, 26_000))


def very_narrow(server: Pair) -> str:
    """A smaller one does, at 128 kbit/s."""
    return narrow(server, SMALL_BYTES, range(64, 165))


def lossy(server: Pair, trips: int = 50, enough: int = ENOUGH) -> str:
    """The caller's kernel has to send again: so often, within a second's trips, as no stall explains.

    Where much is lost, some sessions do not even come about.
    """
    again, met = 0, dict[str, Any]()
    for _ in range(SESSIONS):
        met = server.probe("pings", trips)
        again += met.get("sent_again", 0)
        if again >= enough:
            return "lost packets are sent again, and arrive"
    return str(met.get("error", ""))


def a_little_lossy(server: Pair) -> str:
    """It has to, now and then."""
    return lossy(server, trips=500)


def very_lossy(server: Pair) -> str:
    """It has to in every other trip: of a few, as each takes seconds."""
    return lossy(server, trips=3, enough=6)


def cut_off(server: Pair) -> str:
    """No attempt of two reaches the server."""
    met = server.probe("attempts", 2)
    return "" if len(met["errors"]) < met["of"] else met["errors"][0]


def resets(server: Pair) -> str:
    """Some of many sessions break."""
    met = server.probe("attempts", ATTEMPTS)
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
        expects="^late: as told, nothing sent again$",
        mild=End(felt=a_little_late),
        severe=End(felt=very_late),
        by_hand=lambda server: server.shell("iptables -F || true; tc qdisc del dev eth0 root || true"),
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=Bandwidth(),
        server=called,
        before=Pair.wait,
        felt=narrow,
        expects="^narrow: as told, small answers in time$",
        mild=End(felt=a_little_narrow),
        severe=End(felt=very_narrow),
        by_hand=line_freed,
        restart_ends=True,
    ),
    Case(
        fault=Loss(),
        server=called,
        before=Pair.wait,
        felt=lossy,
        expects="^lost packets are sent again, and arrive$",
        mild=End(felt=a_little_lossy),
        severe=End(felt=very_lossy),
        by_hand=rules_flushed,
        restart_ends=True,
    ),
    Case(
        fault=Partition(),
        server=called,
        before=Pair.wait,
        felt=cut_off,
        expects="^TimeoutError$",
        mild=End(expects="^ConnectionRefusedError$"),
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
        # What is refused is the server's answer, so the refusal reaches the server.
        expects="^TimeoutError$",
        mild=End(expects="^ConnectionRefusedError$"),
        by_hand=rules_flushed,
        restart_ends=True,
    ),
    Case(
        fault=ConnectionResets(),
        server=called,
        before=Pair.wait,
        felt=resets,
        expects="ConnectionResetError",
        mild=End(unfelt="one attempt of a thousand is reset"),
        by_hand=rules_flushed,
        restart_ends=True,
    ),
]
