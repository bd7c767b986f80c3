"""What a fault of the network refuses before anything is touched, and by what mechanism it is done."""

import pytest

from faults.core import Fault
from faults.errors import ExecFailed, ForeignState, MissingCapability, NoTarget
from faults.lifecycle import inject, revert
from faults.net import _inside, _qdisc, _rules
from faults.net._rules import Chain
from faults.net.bandwidth import Bandwidth
from faults.net.connection_resets import ConnectionResets
from faults.net.latency import NETEM, Latency
from faults.net.loss import Loss
from faults.net.name_resolves_slowly import NameResolvesSlowly
from faults.net.name_resolves_wrongly import NameResolvesWrongly
from faults.net.partition import Partition
from faults.store import Store
from tests.faults.net.server import Pair, called, calling
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

SHOWN = {
    "netem": "qdisc netem",
    "nfqueue": "-j NFQUEUE",
    "tbf": "qdisc tbf",
    "statistic-drop": "--mode random --probability",
    "drop": "-j DROP",
    "reject": "-j REJECT",
    "reject-tcp-reset": "--reject-with tcp-reset",
}
"""What a network shows of each mechanism."""
SHOW = "tc qdisc show; iptables-save; iptables-legacy-save"
UNKNOWN_KIND = "qdisc kind is unknown"


@pytest.fixture
def pair(yard: Yard) -> Pair:
    """The server and its caller."""
    server = called(yard)
    server.wait()
    return server


@pytest.mark.parametrize(
    "fault",
    [
        Latency(),
        Bandwidth(),
        Loss(),
        Partition(),
        Partition(answer="refusal"),
        ConnectionResets(),
        NameResolvesSlowly(),
    ],
    ids=lambda fault: f"{fault.about.id} {getattr(fault, 'answer', '')}".strip(),
)
def test_the_receipt_names_the_mechanism_that_does_it(fault: Fault, pair: Pair, store: Store) -> None:
    target = pair.target
    before = _inside.run(target, SHOW)
    record = inject(fault, target, store)
    try:
        mechanism = str(record.receipt["mechanism"])
        shown = _inside.run(target, SHOW)
    finally:
        revert(fault, target, store, record)
    assert SHOWN[mechanism] in shown
    assert SHOWN[mechanism] not in before
    assert SHOWN[mechanism] not in _inside.run(target, SHOW)


def test_packets_are_delayed_by_netem_where_the_kernel_has_it_and_queued_where_not(pair: Pair) -> None:
    has = _qdisc.known(pair.target, f"{NETEM} delay 1ms")
    assert Latency().prepare(pair.target)["mechanism"] == (NETEM if has else "nfqueue")


@pytest.mark.parametrize("fault", [Latency(), Latency(jitter_ms=0)], ids=["jitter", "no jitter"])
def test_what_is_typed_for_netem_is_understood_by_tc(fault: Latency, pair: Pair) -> None:
    """A kernel that has no netem refuses the kind, which it sees last: tc has read all the rest by then."""
    typed = f"tc qdisc add dev lo root handle 1a2b: {fault.netem()}"
    said = refusal(pair, typed)
    assert said == "" or UNKNOWN_KIND in said
    wrong = refusal(pair, f"{typed} hurry")
    assert wrong
    assert UNKNOWN_KIND not in wrong


def refusal(pair: Pair, typed: str) -> str:
    """What an empty network answers to a command that fails; "" where it does not."""
    try:
        _inside.run(pair.target, typed, alone=True)
    except ExecFailed as error:
        return str(error)
    return ""


def test_what_somebody_else_shapes_is_left_alone(pair: Pair) -> None:
    pair.shell("tc qdisc add dev eth0 root handle 7: tbf rate 1gbit burst 1mb latency 50ms")
    try:
        with pytest.raises(ForeignState, match="eth0 is shaped already, by tbf 7:"):
            Bandwidth().prepare(pair.target)
    finally:
        pair.shell("tc qdisc del dev eth0 root handle 7:")


def test_a_name_that_is_known_is_left_alone(yard: Yard) -> None:
    with pytest.raises(ForeignState, match="names localhost already"):
        NameResolvesWrongly(host="localhost").prepare(calling(yard).target)


def test_a_peer_that_is_nowhere(pair: Pair) -> None:
    with pytest.raises(NoTarget, match="no peer 'nobody' on its networks"):
        Partition(peer="nobody").prepare(pair.target)


def test_what_the_kernel_does_not_take_is_told_and_nothing_is_touched(pair: Pair) -> None:
    before = _inside.run(pair.target, "iptables-save | grep -v '^#' || true")
    with pytest.raises(MissingCapability, match="does not take the packet rules"):
        _rules.probe(pair.target, Chain(name="POLICY-1", rules={"4": ("-m no-such-match -j DROP",)}))
    assert _inside.run(pair.target, "iptables-save | grep -v '^#' || true") == before
