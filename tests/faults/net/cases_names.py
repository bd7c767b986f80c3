"""Names that mislead a caller, or let it wait."""

from faults.container import Container
from faults.net.name_resolves_slowly import NameResolvesSlowly
from faults.net.name_resolves_wrongly import NameResolvesWrongly
from tests.faults.laws import Case
from tests.faults.net.cases_lines import LATE_MS, cut_off
from tests.faults.net.server import CACHE, Pair, calling
from tests.faults.strengths import End

DELAY_S = NameResolvesSlowly().delay_ms / 1000


def led_astray(server: Pair) -> str:
    """No attempt reaches the server, for its name leads to where nobody is."""
    met = cut_off(server)
    if not met:
        return ""
    address = server.probe("resolve")["address"]
    here = [one["IPAddress"] for one in called_by(server).networks.values()]
    return f"{met} at {'the right' if address in here else 'another'} address"


def called_by(server: Pair) -> Container:
    """The server's container."""
    return Container(server.engine, f"{server.name.rpartition('-')[0]}-{CACHE.name}")


def slow_to_resolve(server: Pair, delay_s: float = DELAY_S) -> str:
    """It takes long to learn the server's address, each time; who knows it is served at once."""
    took_s = []
    for _ in range(3):
        took_s.append(server.probe("resolve")["took_s"])
        if took_s[-1] < delay_s / 2:
            return ""
    late = "as told" if delay_s <= min(took_s) < 2 * delay_s else f"{min(took_s):.1f} s"
    then = "late" if server.probe("pings", 3)["median_ms"] >= LATE_MS else "in time"
    return f"resolved late: {late}, then served {then}"


def a_little_slow_to_resolve(server: Pair) -> str:
    """The same, after a fifth of a second."""
    return slow_to_resolve(server, delay_s=0.2)


def very_slow_to_resolve(server: Pair) -> str:
    """The same, after eight seconds, give or take two."""
    return slow_to_resolve(server, delay_s=6.0)


def line_taken_out(server: Pair) -> None:
    """Whoever may write the file takes the line out, in place."""
    code, said = server.caller.exec_run(
        ["sh", "-euc", "sed '/cache/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts"], user="0"
    )
    assert code == 0, said


CASES = [
    Case(
        # Its default is a lab's database; the one whom this caller calls has another name.
        fault=NameResolvesWrongly(host="cache"),
        server=calling,
        before=Pair.wait,
        felt=led_astray,
        expects="^EHOSTUNREACH at another address$",
        mild=End(expects="^ConnectionRefusedError at another address$"),
        by_hand=line_taken_out,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=NameResolvesSlowly(),
        server=calling,
        before=Pair.wait,
        felt=slow_to_resolve,
        expects="^resolved late: as told, then served in time$",
        mild=End(felt=a_little_slow_to_resolve),
        severe=End(felt=very_slow_to_resolve),
        by_hand=lambda server: server.shell("iptables -t mangle -F"),
        restart_ends=True,
    ),
]
