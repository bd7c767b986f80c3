"""What shapes the packets that a container sends: a discipline at the root of each interface, by tc."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

from faults.container import Container
from faults.core import Receipt
from faults.errors import ExecFailed, ForeignState
from faults.net import _inside

KERNELS_OWN = "0:"
"""The handle of what the kernel put there by itself."""


def new_handle() -> str:
    """A handle that nobody else has."""
    return f"{secrets.randbelow(0xEFFF) + 0x1000:x}:"


def known(target: Container, discipline: str) -> bool:
    """Whether this kernel has the discipline, tried in an empty network."""
    try:
        _inside.run(target, f"tc qdisc add dev lo root {discipline}", alone=True)
    except ExecFailed:
        return False
    return True


def refuse_foreign(target: Container) -> None:
    """Raise ForeignState where somebody shapes what the container sends already."""
    for one in _roots(target):
        if one["handle"] != KERNELS_OWN:
            raise ForeignState(
                f"{target.name}: {one['dev']} is shaped already, by {one['kind']} {one['handle']}",
                hint="whoever put it there takes it away",
            )


def add(target: Container, receipt: Receipt, discipline: str) -> None:
    """Put *discipline* at the root of each interface, under the receipt's handle."""
    target.on_act(f"add {discipline}")
    script = "; ".join(
        f"tc qdisc add dev {device} root handle {receipt['handle']} {discipline}"
        for device in _inside.devices(target)
    )
    _inside.run(target, script)


def present(target: Container, receipt: Receipt) -> bool:
    """Whether ours is at the root of an interface; a container that does not run has none."""
    return target.running and any(one["handle"] == receipt["handle"] for one in _roots(target))


def remove(target: Container, receipt: Receipt) -> None:
    """Take ours away, wherever it is."""
    if not target.running:
        return
    ours = [one for one in _roots(target) if one["handle"] == receipt["handle"]]
    if ours:
        target.on_act(f"remove {receipt['handle']}")
        _inside.run(
            target, "; ".join(f"tc qdisc del dev {one['dev']} root handle {one['handle']}" for one in ours)
        )


def _roots(target: Container) -> Iterator[dict[str, Any]]:
    for one in json.loads(_inside.run(target, "tc -json qdisc show") or "[]"):
        if one.get("root") and one["dev"] != "lo":
            yield one
