"""One run of a proof: what is done in it, and what it must show."""

from dataclasses import dataclass, field
from enum import Enum

from lab.recogniser import CameOfIt

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
NEVER_PASS = frozenset({FAIL, UNKNOWN})
ANY = "any"


class Law(Enum):
    """The claim that a cell stands for."""

    HEALTHY = "healthy"
    UNSOLVED = "unsolved"
    SOLVED = "solved"
    TRAPPED = "trapped"
    UNCHEATABLE = "uncheatable"
    REVERSIBLE = "reversible"


class Vantage(Enum):
    """From where a cell acts: a trainee is refused or seen, and who owns the machine never gets a pass."""

    TOOLBOX = "toolbox"
    HOST = "host"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run and the verdicts it may have.

    *script* is typed in the toolbox once the page has fired; *tamper* names a cheat from the host, done after
    it (lab.proof.tamper). *blames* are objectives of which at least one must be the reason. *kill_in*
    names the phase in which the referee is killed; such a cell has no verdict. *felt*: whether users must
    have felt an outage (None: it may be over before they do). *seed* chooses the cause. *traps* are acts that
    the report must name as such, and *shows* what must have come of each, one of these. *says*: words that it
    must have among its reasons or in its timeline. *hides*: a reading of Prometheus's that the cheat takes
    away, `ANY` where it is any: where nobody is judged by it, there is nothing to gain.
    """

    law: Law
    name: str
    want: frozenset[str]
    calm: bool = False
    script: str = ""
    tamper: str = ""
    blames: frozenset[str] = field(default_factory=frozenset)
    felt: bool | None = True
    kill_in: str = ""
    seed: int = 0
    cause: str = ""
    traps: frozenset[str] = field(default_factory=frozenset)
    shows: frozenset[CameOfIt] = field(default_factory=frozenset)
    says: str = ""
    hides: str = ""

    @property
    def id(self) -> str:
        """The law, the name and the cause, as the matrix prints them."""
        if self.name == self.law.value:
            return self.law.value
        return f"{self.law.value}:{self.name}" + (f"@{self.cause}" if self.cause else "")

    @property
    def vantage(self) -> Vantage:
        """From where it acts."""
        return Vantage.HOST if self.tamper or self.kill_in else Vantage.TOOLBOX
