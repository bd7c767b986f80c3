"""A chain of packet rules of our own in a container's network: added, seen and removed as a whole."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from faults.container import Container
from faults.core import Receipt
from faults.errors import ExecFailed, MissingCapability
from faults.net import _inside

VARIANTS = ("nft", "legacy")
"""The two ways in which kernels hold such rules; the first that the kernel takes is used."""
TOOLS = {"4": "iptables", "6": "ip6tables"}
MARK, QUEUES = "=== ", "q"


def new_name() -> str:
    """A chain's name that nobody else has."""
    return f"POLICY-{secrets.token_hex(4)}"


def either_way(target: Container, rules: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The same rules for IPv4, and for IPv6 where the container has such an address."""
    six = any(at.get("GlobalIPv6Address") for at in target.networks.values())
    return {"4": rules, "6": rules} if six else {"4": rules}


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What is reached from *hooks*, loopback apart unless *loopback*; *rules* by family, "4" or "6"."""

    name: str
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    table: str = "filter"
    hooks: tuple[str, ...] = ("INPUT", "OUTPUT")
    loopback: bool = False

    def added(self, family: str) -> str:
        """What iptables-restore reads to add the chain, all or nothing."""
        flags = {"INPUT": "! -i lo ", "OUTPUT": "! -o lo "}
        lines = [f"*{self.table}", f":{self.name} - [0:0]"]
        lines += [f"-A {self.name} {rule}" for rule in self.rules[family]]
        lines += [f"-I {hook} {'' if self.loopback else flags[hook]}-j {self.name}" for hook in self.hooks]
        return "\n".join([*lines, "COMMIT", ""])

    def removed(self, listing: str) -> str:
        """What iptables-restore reads to remove what *listing* (iptables-save) shows of it."""
        jumps = re.findall(rf"^-A (.* -j {self.name})$", listing, flags=re.MULTILINE)
        if f":{self.name} " not in listing:
            return ""
        lines = [f"*{self.table}", *(f"-D {jump}" for jump in jumps), f"-F {self.name}", f"-X {self.name}"]
        return "\n".join([*lines, "COMMIT", ""])

    def works(self, listing: str) -> bool:
        """Whether *listing* (iptables-save) shows it reached from somewhere, with rules in it."""
        return f" -j {self.name}\n" in listing and f"\n-A {self.name} " in listing


def probe(target: Container, chain: Chain) -> str:
    """The variant that this kernel takes, tried in an empty network; MissingCapability: it takes none."""
    said = ""
    for variant in VARIANTS:
        try:
            _restore(target, variant, {family: chain.added(family) for family in chain.rules}, alone=True)
        except ExecFailed as error:
            said = str(error)
        else:
            return variant
    raise MissingCapability(f"this kernel does not take the packet rules that are needed: {said[-300:]}")


def add(target: Container, chain: Chain, receipt: Receipt) -> None:
    """Add the chain."""
    target.on_act(f"add chain {chain.name}")
    _restore(target, str(receipt["rules"]), {family: chain.added(family) for family in chain.rules})


def present(target: Container, chain: Chain, receipt: Receipt, *, queue: int | None = None) -> bool:
    """Whether the chain does anything now, and somebody holds the *queue* that it feeds.

    A container that does not run has no rules.
    """
    if not target.running:
        return False
    found = _listings(target, chain, receipt)
    held = [line.split()[0] for line in found[QUEUES].splitlines() if line.strip()]
    return any(chain.works(found[family]) for family in TOOLS) and (queue is None or str(queue) in held)


def remove(target: Container, chain: Chain, receipt: Receipt) -> None:
    """Remove the chain, and whatever leads to it."""
    if not target.running:
        return
    found = _listings(target, chain, receipt)
    wanted = {family: text for family in TOOLS if (text := chain.removed(found[family]))}
    if wanted:
        target.on_act(f"remove chain {chain.name}")
        _restore(target, str(receipt["rules"]), wanted)


def _listings(target: Container, chain: Chain, receipt: Receipt) -> dict[str, str]:
    script = "; ".join(
        f"echo '{MARK}{family}'; {tool}-{receipt['rules']}-save -t {chain.table} || true"
        for family, tool in TOOLS.items()
    )
    script += f"; echo '{MARK}{QUEUES}'; cat /proc/net/netfilter/nfnetlink_queue || true"
    parts = _inside.run(target, script).split(MARK)[1:]
    return {part[0]: part[1:] + "\n" for part in parts}


def _restore(target: Container, variant: str, texts: Mapping[str, str], *, alone: bool = False) -> None:
    script = "; ".join(f'printf %s "$R{family}" | {TOOLS[family]}-{variant}-restore -n' for family in texts)
    environment = {f"R{family}": text for family, text in texts.items()}
    _inside.run(target, script, environment=environment, alone=alone)
