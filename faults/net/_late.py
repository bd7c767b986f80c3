"""Packets held back: rules send them to a queue of the kernel, a program beside it lets them go in time."""

import secrets
from dataclasses import replace

from faults import actors
from faults.container import Container
from faults.core import Receipt
from faults.net import _rules
from faults.net._rules import Chain

MECHANISM = "nfqueue"
PROGRAM = "conntrack-sync"
"""Part of the helper's name."""


def prepared(target: Container, chain: Chain) -> dict[str, str | int | float]:
    """The names to be used; *chain* is what catches the packets, its rules without what becomes of them."""
    queue = secrets.randbelow(50_000) + 1000
    return {
        "mechanism": MECHANISM,
        "chain": chain.name,
        "rules": _rules.probe(target, _queued(chain, queue)),
        "queue": queue,
        "actor": actors.actor_name(target, PROGRAM),
    }


def add(target: Container, chain: Chain, receipt: Receipt, *, delay_ms: float, jitter_ms: float) -> None:
    """Start the program, then send it the packets; those pass unhindered while it does not run."""
    queue = int(receipt["queue"])
    actors.start_container(
        target,
        str(receipt["actor"]),
        image=actors.image("the program that holds packets back"),
        network=f"container:{target.id}",
        command=["python3", "late.py", str(queue), f"{delay_ms:g}", f"{jitter_ms:g}"],
        user="0",
        cap_add=["NET_ADMIN"],
    )
    _rules.add(target, _queued(chain, queue), receipt)


def present(target: Container, chain: Chain, receipt: Receipt) -> bool:
    """Whether packets are sent to the queue, and somebody holds it."""
    return _rules.present(target, chain, receipt, queue=int(receipt["queue"]))


def remove(target: Container, chain: Chain, receipt: Receipt) -> None:
    """Send no more packets there, then end the program."""
    _rules.remove(target, chain, receipt)
    actors.stop(target, str(receipt["actor"]))


def _queued(chain: Chain, queue: int) -> Chain:
    caught = {
        family: tuple(f"{rule} -j NFQUEUE --queue-num {queue} --queue-bypass".strip() for rule in rules)
        for family, rules in chain.rules.items()
    }
    return replace(chain, rules=caught)
