"""What the laws of each fault do not show: who else is spared, and several at once."""

from collections.abc import Iterator

import docker
import pytest

from faults.container import Container
from faults.core import Checked
from faults.lifecycle import inject, revert
from faults.net import _inside
from faults.net.connection_resets import ConnectionResets
from faults.net.latency import Latency
from faults.net.loss import Loss
from faults.net.partition import Partition
from faults.store import Store
from tests.faults.net.cases_lines import cut_off, late, resets
from tests.faults.net.server import Pair, called
from tests.faults.servers import Yard

pytestmark = [pytest.mark.docker, pytest.mark.matrix]


@pytest.fixture
def pair(yard: Yard) -> Pair:
    """The server and its caller."""
    server = called(yard)
    server.wait()
    return server


def test_rules_of_others_survive(pair: Pair, store: Store) -> None:
    pair.shell("iptables -A INPUT -s 203.0.113.7 -j DROP")
    try:
        record = inject(Partition(), pair.target, store)
        revert(Partition(), pair.target, store, record)
        assert "203.0.113.7" in _inside.run(pair.target, "iptables-save")
    finally:
        pair.shell("iptables -F INPUT")


@pytest.mark.parametrize(
    "fault",
    [
        Partition(direction="in"),
        Partition(direction="out", answer="refusal"),
        Partition(peer="caller"),
        Loss(loss_ratio=1.0),
    ],
    ids=["in", "out", "peer", "everything lost"],
)
def test_no_attempt_gets_through(fault: Checked, pair: Pair, store: Store) -> None:
    record = inject(fault, pair.target, store)  # type: ignore[arg-type]
    try:
        assert cut_off(pair)
    finally:
        revert(fault, pair.target, store, record)  # type: ignore[arg-type]
    assert cut_off(pair) == ""


def test_who_is_no_peer_is_spared(pair: Pair, store: Store, engine: docker.DockerClient) -> None:
    other = engine.containers.run(
        pair.caller.image,
        ["sleep", "600"],
        network=f"{pair.name.rpartition('-')[0]}-net",
        labels=pair.container.labels,
        detach=True,
    )
    try:
        fault = Partition(peer=str(other.name))
        record = inject(fault, pair.target, store)
        assert cut_off(pair) == ""
        revert(fault, pair.target, store, record)
    finally:
        other.remove(force=True)


@pytest.mark.parametrize(
    ("kind", "meets"), [("new", "ConnectionRefusedError"), ("open", "ConnectionResetError")]
)
def test_resets_hit_attempts_or_what_is_established(kind: str, meets: str, pair: Pair, store: Store) -> None:
    fault = ConnectionResets(connections=kind, reset_ratio=1.0)
    record = inject(fault, pair.target, store)
    try:
        assert set(resets(pair).split(", ")) == {meets}
    finally:
        revert(fault, pair.target, store, record)
    assert resets(pair) == ""


def test_several_at_once_are_undone_one_by_one(pair: Pair, store: Store) -> None:
    slow, lossy = Latency(delay_ms=300), Loss(loss_ratio=0.01)
    first = inject(slow, pair.target, store)
    second = inject(lossy, pair.target, store)
    revert(lossy, pair.target, store, second)
    assert slow.active(pair.target, first.receipt)
    assert late(pair)
    revert(slow, pair.target, store, first)
    assert late(pair) == ""


@pytest.fixture
def six(yard: Yard, engine: docker.DockerClient) -> Iterator[Container]:
    """A container with an IPv6 address."""
    pool = docker.types.IPAMPool(subnet="fd00:5e50::/64")
    labels = {"dev.sev0.lab": yard.label}
    network = engine.networks.create(
        f"{yard.label}-six",
        enable_ipv6=True,
        ipam=docker.types.IPAMConfig(pool_configs=[pool]),
        labels=labels,
    )
    made = engine.containers.run(
        yard.image("actor"), ["sleep", "600"], network=network.name, labels=labels, detach=True
    )
    yield Container(engine, str(made.name))
    made.remove(force=True)
    network.remove()


def test_both_families_are_cut(six: Container, store: Store) -> None:
    record = inject(Partition(), six, store)
    assert "-j DROP" in _inside.run(six, "ip6tables-save")
    assert "-j DROP" in _inside.run(six, "iptables-save")
    revert(Partition(), six, store, record)
    assert "DROP" not in _inside.run(six, "iptables-save; ip6tables-save")
