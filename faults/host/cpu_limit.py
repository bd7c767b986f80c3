"""A container gets too little CPU."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import number

PERIOD_US = 100_000
NO_QUOTA = -1


@dataclass(frozen=True, kw_only=True)
class CpuLimit(Checked):
    """A CPU quota: in each tenth of a second its processes run for their part, then all stand still."""

    about: ClassVar[About] = About(
        id="host.cpu_limit",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("cpu",),
        see="cpu.stat: nr_throttled, throttled time; latency in steps of 100 ms; CPU flat at the limit",
        fix="docker update --cpus to what it needs",
    )

    cpus: float = number(0.1, low=0.01, high=16, unit="CPUs", mild=0.5, severe=0.02, means="what it gets")

    def prepare(self, target: Container) -> Receipt:
        """Remember its limit, which the engine keeps as CPUs or as a quota."""
        host = target.attrs["HostConfig"]
        return {
            "nano": int(host["NanoCpus"]),
            "quota": int(host["CpuQuota"]),
            "period": int(host["CpuPeriod"]),
        }

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Limit it, in the way that it is limited already."""
        name, value = self._ours(receipt)
        period = {} if name == "NanoCpus" else {"CpuPeriod": PERIOD_US}
        target.update(**{name: value}, **period)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether our limit stands."""
        name, value = self._ours(receipt)
        return int(target.attrs["HostConfig"][name]) == value

    def revert(self, target: Container, receipt: Receipt) -> None:
        """Give it its old limit, or none."""
        if not self.active(target, receipt):
            return
        if receipt["nano"]:
            target.update(NanoCpus=receipt["nano"])
        else:
            target.update(CpuQuota=receipt["quota"] or NO_QUOTA, CpuPeriod=receipt["period"] or PERIOD_US)

    def _ours(self, receipt: Receipt) -> tuple[str, int]:
        if receipt["nano"]:
            return "NanoCpus", int(self.cpus * 1e9)
        return "CpuQuota", int(self.cpus * PERIOD_US)
