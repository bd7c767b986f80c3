"""Names that mislead a caller, or let it wait."""

from faults.net.name_resolves_slowly import NameResolvesSlowly
from faults.net.name_resolves_wrongly import NameResolvesWrongly
from tests.faults.laws import Case
from tests.faults.net.cases_lines import cut_off
from tests.faults.net.server import Pair, calling

SLOW_S = 1.0


def slow_to_resolve(server: Pair) -> str:
    """It takes long to learn the server's address, each time."""
    took_s = 0.0
    for _ in range(3):
        took_s = server.probe("resolve")["took_s"]
        if took_s < SLOW_S:
            return ""
    return f"resolved in {took_s:.1f} s"


def line_taken_out(server: Pair) -> None:
    """Whoever may write the file takes the line out, in place."""
    code, said = server.caller.exec_run(
        ["sh", "-euc", "sed '/cache/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts"], user="0"
    )
    assert code == 0, said


CASES = [
    Case(
        fault=NameResolvesWrongly(host="cache"),
        server=calling,
        before=Pair.wait,
        felt=cut_off,
        by_hand=line_taken_out,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=NameResolvesSlowly(delay_ms=2000),
        server=calling,
        before=Pair.wait,
        felt=slow_to_resolve,
        by_hand=lambda server: server.shell("iptables -t mangle -F"),
        restart_ends=True,
    ),
]
