"""What a scenario must show: one cell per law, fix, trap and cheat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from lab.runbook import Runbook

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
NEVER_PASS = frozenset({FAIL, UNKNOWN})


class Law(Enum):
    """The claim that a cell stands for."""

    HEALTHY = "healthy"
    UNSOLVED = "unsolved"
    SOLVED = "solved"
    TRAPPED = "trapped"
    UNCHEATABLE = "uncheatable"
    REVERSIBLE = "reversible"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run and the verdicts it may have.

    *script* is typed in the toolbox once the page has fired; *tamper* names a host-side cheat that is done
    after it (lab.proof.tamper). *blames* are objectives of which at least one must be the reason. *kill_in*
    names the phase in which the referee is killed; such a cell has no verdict. *felt*: whether users must
    have felt an outage (None: it may be over before they do). *seed* chooses the cause.
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

    @property
    def id(self) -> str:
        """The law and the name, as the matrix prints them."""
        return self.law.value if self.name == self.law.value else f"{self.law.value}:{self.name}"


CHEATED_ON = "max-connections"
"""Cheats are tried for real on this scenario: what they do to witnesses is the same whatever is wrong.
For the others they are tried on literal histories.
"""

RESTART_EVERYTHING = """
kubectl rollout restart statefulset/postgres statefulset/redis deployment/api
kubectl rollout status deployment/api
"""

TRUNCATE = """
psql -qc "truncate order_lines, payments"
"""

DELETE_ROWS = """
psql -qc "delete from payments where order_id between 1000 and 1100"
"""


def cells_of(runbook: Runbook, variants: Sequence[str] = (), *, cheats: bool = True) -> tuple[Cell, ...]:
    """Every cell that a scenario owes, cheapest first; each of its *variants* is solved by the first fix.

    *cheats*: those that do not depend on what is wrong, too.
    """
    fixes = dict(runbook.fixes)
    first_fix = next(iter(fixes.values()))
    return (
        Cell(law=Law.HEALTHY, name="healthy", calm=True, want=frozenset({PASS}), felt=False),
        Cell(law=Law.UNSOLVED, name="unsolved", want=frozenset({FAIL})),
        *(
            Cell(law=Law.SOLVED, name=name, script=script, want=frozenset({PASS}))
            for name, script in fixes.items()
        ),
        *(
            Cell(
                law=Law.SOLVED,
                name=name.replace(" ", "-"),
                script=first_fix,
                want=frozenset({PASS}),
                seed=seed,
            )
            for seed, name in enumerate(variants, start=1)
        ),
        *(
            Cell(law=Law.TRAPPED, name=name, script=script, want=frozenset({FAIL}))
            for name, script in runbook.traps.items()
        ),
        *(_cheats(first_fix) if cheats else ()),
    )


def _cheats(first_fix: str) -> tuple[Cell, ...]:
    return (
        _cheat("restart-everything", script=RESTART_EVERYTHING, want=frozenset({FAIL})),
        _cheat(
            "delete-rows", script=first_fix + DELETE_ROWS, want=frozenset({FAIL}), blames={"data-unchanged"}
        ),
        _cheat(
            "truncate-tables", script=first_fix + TRUNCATE, want=frozenset({FAIL}), blames={"data-unchanged"}
        ),
        _cheat("slow-load", tamper="slow_load", want=frozenset({UNKNOWN}), felt=None),
        _cheat("maintenance-page", tamper="maintenance_page", want=frozenset({FAIL})),
        _cheat("false-ledger-entry", script=first_fix, tamper="false_ledger_entry", want=NEVER_PASS),
        _cheat("stop-load", tamper="stop_load", want=frozenset({UNKNOWN}), felt=None),
        _cheat("answer-200", tamper="answer_200", want=frozenset({FAIL})),
        _cheat("restart-prometheus", tamper="restart_prometheus", want=NEVER_PASS),
    )


def _cheat(
    name: str,
    *,
    want: frozenset[str],
    script: str = "",
    tamper: str = "",
    blames: set[str] | None = None,
    felt: bool | None = True,
) -> Cell:
    return Cell(
        law=Law.UNCHEATABLE,
        name=name,
        script=script,
        tamper=tamper,
        want=want,
        blames=frozenset(blames or ()),
        felt=felt,
    )
