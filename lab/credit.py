"""How much of a diagnosis earns what. Values only."""

from dataclasses import dataclass
from math import isclose


@dataclass(frozen=True, kw_only=True)
class Credit:
    """The shares of a diagnosis's points, each between 0 and 1.

    *component*, *fault* and *evidence* are what a right one of each earns; together they are 1.
    *partial_ratio*: what a word that is partly right earns of its part, and what each wrong one takes away.
    *right_ratio*: from which share on somebody could act on it. *wrong_guess_ratio*: what a first guess costs
    that was not.
    """

    component: float = 0.4
    fault: float = 0.4
    evidence: float = 0.2
    partial_ratio: float = 0.5
    right_ratio: float = 0.5
    wrong_guess_ratio: float = 0.2

    def __post_init__(self) -> None:
        ratios = (*self.parts.values(), self.partial_ratio, self.right_ratio, self.wrong_guess_ratio)
        if not all(0 <= ratio <= 1 for ratio in ratios):
            raise ValueError(f"shares of a diagnosis are between 0 and 1, got {self}")
        if not isclose(total := sum(self.parts.values()), 1.0):
            raise ValueError(f"component, fault and evidence must share the whole, they add up to {total:g}")

    @property
    def parts(self) -> dict[str, float]:
        """What each part of a diagnosis weighs."""
        return {"component": self.component, "fault": self.fault, "evidence": self.evidence}
