"""How packets are held back depends on the kernel: what is typed on either, and what is refused untouched."""

import pytest

from faults.actors import IMAGE_VARIABLE
from faults.core import Fault
from faults.errors import ForeignState, MissingCapability, NoTarget
from faults.net.bandwidth import Bandwidth
from faults.net.latency import Latency
from faults.net.loss import Loss
from faults.net.name_resolves_slowly import NameResolvesSlowly
from faults.net.partition import Partition
from tests.unit.kernel import Engine


@pytest.fixture(autouse=True)
def image(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an image with the network's tools."""
    monkeypatch.setenv(IMAGE_VARIABLE, "sev0/actor:test")


@pytest.mark.parametrize(
    ("fault", "typed"),
    [
        # With a rate, netem keeps packets in order although each is late by another time.
        (Latency(delay_ms=200, jitter_ms=20), "netem delay 200ms 20ms rate 100gbit limit 100000"),
        (Latency(delay_ms=30_000, jitter_ms=0), "netem delay 30000ms limit 100000"),
    ],
    ids=["jitter", "no jitter"],
)
def test_a_kernel_with_netem_delays_what_each_interface_sends(fault: Latency, typed: str) -> None:
    engine = Engine("netem", devices=("eth0", "eth1"))
    receipt = fault.prepare(engine.target)
    assert receipt["mechanism"] == "netem"
    assert engine.touched == []
    fault.inject(engine.target, receipt)
    handle = receipt["handle"]
    assert engine.touched == [
        f"tc qdisc add dev {device} root handle {handle} {typed}" for device in ("eth0", "eth1")
    ]
    assert fault.active(engine.target, receipt)
    fault.revert(engine.target, receipt)
    assert engine.touched[2:] == [
        f"tc qdisc del dev {device} root handle {handle}" for device in ("eth0", "eth1")
    ]
    assert not fault.active(engine.target, receipt)
    fault.revert(engine.target, receipt)
    assert len(engine.touched) == 4, "a second revert does nothing"
    assert engine.beside == [], "no program is needed"


def test_a_kernel_without_netem_queues_what_comes_in_for_a_program() -> None:
    engine = Engine("tbf")
    fault = Latency(delay_ms=200, jitter_ms=20)
    receipt = fault.prepare(engine.target)
    assert receipt["mechanism"] == "nfqueue"
    assert engine.touched == []
    fault.inject(engine.target, receipt)
    queue, chain = receipt["queue"], receipt["chain"]
    assert engine.beside == [["python3", "late.py", str(queue), "200", "20"]]
    assert engine.touched == ['printf %s "$R4" | iptables-nft-restore -n']
    rules = engine.typed[-1].environment["R4"].splitlines()
    assert f"-A {chain} -j NFQUEUE --queue-num {queue} --queue-bypass" in rules
    assert [rule for rule in rules if rule.startswith("-I")] == [f"-I INPUT ! -i lo -j {chain}"]
    assert engine.roots == {}


def test_what_somebody_else_shapes_is_not_delayed_too() -> None:
    engine = Engine("netem")
    engine.shape("eth0", "tbf", "7:")
    with pytest.raises(ForeignState, match="eth0 is shaped already, by tbf 7:"):
        Latency().prepare(engine.target)
    assert engine.touched == []


def test_what_the_kernel_put_there_by_itself_is_nobodys() -> None:
    engine = Engine("netem")
    engine.shape("eth0", "noqueue", "0:")
    assert Latency().prepare(engine.target)["mechanism"] == "netem"


@pytest.mark.parametrize(
    ("fault", "engine", "said"),
    [
        (Bandwidth(), Engine("netem"), r"no token bucket \(tbf\)"),
        (Latency(), Engine("tbf", rules=False), "does not take the packet rules"),
        (Loss(), Engine("tbf", "netem", rules=False), "does not take the packet rules"),
        (Partition(), Engine("tbf", "netem", rules=False), "does not take the packet rules"),
    ],
    ids=["tbf", "neither netem nor rules", "rules for loss", "rules for partition"],
)
def test_what_the_kernel_lacks_is_said_before_anything_is_touched(
    fault: Fault, engine: Engine, said: str
) -> None:
    with pytest.raises(MissingCapability, match=said):
        fault.prepare(engine.target)
    assert engine.touched == []
    assert engine.beside == []


def test_a_container_that_asks_nobody_is_told_so_before_rules_are_tried() -> None:
    engine = Engine(rules=False)
    with pytest.raises(NoTarget, match="asks nobody for addresses"):
        NameResolvesSlowly().prepare(engine.target)
