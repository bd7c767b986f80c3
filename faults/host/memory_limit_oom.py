"""A container may use less memory than it needs, and the kernel kills it."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.engine import asked
from faults.errors import ForeignState, MissingCapability
from faults.parameters import number

LEAST_BYTES = 6 * 1024**2
"""The engine takes no lower limit."""


@dataclass(frozen=True, kw_only=True)
class MemoryLimitOom(Checked):
    """It is started again with a memory limit below what it needs: the kernel kills it while it loads.

    A limit below what is in use is refused by some kernels, hence the stop in between: as a deployment does.
    """

    about: ClassVar[About] = About(
        id="host.memory_limit_oom",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("memory", "processes"),
        see="docker inspect: OOMKilled, exit code 137, HostConfig.Memory; the kernel's log",
        fix="docker update --memory to what it needs, then start it",
        settle_s=90.0,
        instant=False,
        takes_down=True,
    )

    ratio: float = number(
        0.5,
        low=0.05,
        high=0.95,
        unit="of what it uses",
        mild=0.9,
        severe=0.2,
        means="limit, as a part of its use",
    )

    def prepare(self, target: Container) -> Receipt:
        """Measure what it uses; MissingCapability where that part of it is below the engine's least."""
        if not target.running:
            raise ForeignState(f"{target.name} does not run")
        limit = int(target.memory_used_bytes() * self.ratio)
        if limit < LEAST_BYTES:
            raise MissingCapability(
                f"{target.name} uses so little that its limit would be {limit / 1024**2:.1f} MiB;"
                f" the engine takes {LEAST_BYTES / 1024**2:.0f} MiB at least"
            )
        host = target.attrs["HostConfig"]
        return {"was": int(host["Memory"]), "was_swap": int(host["MemorySwap"]), "set": limit}

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Stop it, limit it, start it."""
        target.act("stop", timeout=20)
        target.update(Memory=receipt["set"], MemorySwap=receipt["set"])
        target.act("start")

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether our limit stands, and the kernel killed it."""
        return self._limited(target, receipt) and bool(target.attrs["State"]["OOMKilled"])

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Give it its old limit (where it had none: all that the machine has), and start it."""
        if self._limited(target, receipt):
            old = int(receipt["was"]) or _all_bytes(target)
            target.update(Memory=old, MemorySwap=receipt["was_swap"] or -1)
        if not target.running:
            target.act("start")

    def _limited(self, target: Container, receipt: Receipt) -> bool:
        return int(target.attrs["HostConfig"]["Memory"]) == receipt["set"]


def _all_bytes(target: Container) -> int:
    """What its machine has."""
    with asked("look at the machine's memory"):
        return int(target.engine.info()["MemTotal"])
