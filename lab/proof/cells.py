"""What a scenario must show: one cell per law, fix, trap and cheat."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from lab.recogniser import IN_VAIN, CameOfIt, Trapped
from lab.runbook import FIRST, Runbook, causes_of

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
    must have among its reasons or in its timeline.
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


CHEATED_ON = "max-connections"
"""Cheats are tried for real on this scenario: what they do to witnesses is the same whatever is wrong.
For the others they are tried on literal histories.
"""

# Of the seed's rows and of acknowledged ones, of the load, of the watchers.
OTHER_ROWS, UNPAID = "the data's fingerprint is another", "without its payment"
UNKNOWN_ORDER = "acknowledged writes: 1 missing"
FEWER = "load interfered: the load offered less than its plan"
STOPPED = "load interfered: the load generator is "
NOBODY_SERVED = "success of all requests: 0% ("
WATCHER_ANEW, NOT_READ = "the watcher was restarted at", "; no reading for "
REFEREE_ANEW = "the referee was started again"
UNSEEN, CLOCK_BACK = "without the balancer seeing any", "the clock went back by"

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

# What customers were told during the drill is theirs: the seed's orders are older.
DELETE_ACKNOWLEDGED = """
psql -qc "delete from payments where order_id in (select id from orders order by id desc limit 50)"
"""


def cells_of(
    runbook: Runbook,
    variants: Sequence[str] = (),
    *,
    trapped: Sequence[Trapped] = (),
    cheats: bool = True,
) -> tuple[Cell, ...]:
    """Every cell that a scenario owes, cheapest first.

    A fix or a trap is tried in the causes that the runbook says. Where it does not say, in the scenario's
    own, and the first fix in each of its *variants* too.

    *trapped*: what must come of its traps. *cheats*: those that do not depend on what is wrong, too.
    """
    first, *others = runbook.fixes
    causes = causes_of(variants)
    come = {one.trap: one for one in trapped}
    solved = (
        *_tried(Law.SOLVED, first, runbook, causes, unsaid=causes),
        *(cell for name in others for cell in _tried(Law.SOLVED, name, runbook, causes)),
    )
    trapping = (
        _wanting(cell, come.get(name))
        for name in runbook.traps
        for cell in _tried(Law.TRAPPED, name, runbook, causes)
    )
    return (
        Cell(law=Law.HEALTHY, name="healthy", calm=True, want=frozenset({PASS}), felt=False),
        Cell(law=Law.UNSOLVED, name="unsolved", want=frozenset({FAIL})),
        *solved,
        *trapping,
        *(_cheats(runbook.fixes[first]) if cheats else ()),
    )


def _wanting(cell: Cell, came: Trapped | None) -> Cell:
    """With what must come of its trap, as far as that is said."""
    if came is None:
        return cell
    return replace(cell, shows=frozenset(came.shows), blames=frozenset(came.blames))


def _tried(
    law: Law, name: str, runbook: Runbook, causes: Sequence[str], *, unsaid: Sequence[str] = (FIRST,)
) -> tuple[Cell, ...]:
    """A cell for each cause in which that fix or trap is tried."""
    solves = law is Law.SOLVED
    script = (runbook.fixes if solves else runbook.traps)[name]
    said = runbook.tried_in.get(("fix" if solves else "trap", name), unsaid)
    return tuple(
        Cell(
            law=law,
            name=name,
            script=script,
            want=frozenset({PASS if solves else FAIL}),
            traps=frozenset() if solves else frozenset({name}),
            seed=seed,
            cause=cause if seed else "",
        )
        for seed, cause in enumerate(causes)
        if cause in said
    )


def _cheats(first_fix: str) -> tuple[Cell, ...]:
    lost, unserved, wrote = {"data-unchanged"}, {"overall-success"}, {"wrote-to-data"}
    failed, unknown = frozenset({FAIL}), frozenset({UNKNOWN})
    return (
        _cheat(
            "restart-everything",
            script=RESTART_EVERYTHING,
            want=failed,
            traps={"restarted-pods", "restarted-database"},
            shows=frozenset(IN_VAIN),
        ),
        _cheat(
            "delete-rows",
            script=first_fix + DELETE_ROWS,
            want=failed,
            blames=lost,
            traps=wrote,
            says=OTHER_ROWS,
        ),
        _cheat(
            "delete-acknowledged",
            script=first_fix + DELETE_ACKNOWLEDGED,
            want=failed,
            blames={"nothing-lost"},
            traps=wrote,
            says=UNPAID,
        ),
        _cheat(
            "truncate-tables",
            script=first_fix + TRUNCATE,
            want=failed,
            blames=lost,
            traps=wrote,
            says=OTHER_ROWS,
        ),
        # From here on by who owns the machine: unknown, or a fail where users are seen to suffer.
        _cheat("slow-load", tamper="slow_load", want=unknown, felt=None, says=FEWER),
        _cheat("stop-load", tamper="stop_load", want=unknown, felt=None, says=STOPPED),
        # What was read before it was edited is in the record, and users go on suffering.
        _cheat("edit-load-log", tamper="edit_load_log", want=NEVER_PASS, felt=None, blames=unserved),
        _cheat(
            "false-ledger-entry",
            script=first_fix,
            tamper="false_ledger_entry",
            want=failed,
            blames={"nothing-lost"},
            says=UNKNOWN_ORDER,
        ),
        _cheat(
            "maintenance-page", tamper="maintenance_page", want=failed, blames=unserved, says=NOBODY_SERVED
        ),
        _cheat("answer-200", tamper="answer_200", want=failed, blames=unserved),
        _cheat(
            "restart-prometheus",
            script=first_fix,
            tamper="restart_prometheus",
            want=unknown,
            says=WATCHER_ANEW,
        ),
        _cheat("drop-metric", script=first_fix, tamper="drop_metric", want=unknown, says=NOT_READ),
        _cheat(
            "kill-referee",
            tamper="kill_referee",
            want=NEVER_PASS,
            felt=None,
            blames=unserved,
            says=REFEREE_ANEW,
        ),
        # Whoever is served elsewhere places orders there: they are lost, and that is a fail.
        _cheat("send-elsewhere", tamper="send_elsewhere", want=NEVER_PASS, says=UNSEEN),
        _cheat("set-clock-back", script=first_fix, tamper="set_clock_back", want=unknown, says=CLOCK_BACK),
    )


def _cheat(
    name: str,
    *,
    want: frozenset[str],
    script: str = "",
    tamper: str = "",
    blames: Collection[str] = (),
    felt: bool | None = True,
    traps: Collection[str] = (),
    shows: frozenset[CameOfIt] = frozenset(),
    says: str = "",
) -> Cell:
    return Cell(
        law=Law.UNCHEATABLE,
        name=name,
        script=script,
        tamper=tamper,
        want=want,
        blames=frozenset(blames),
        felt=felt,
        traps=frozenset(traps),
        shows=shows,
        says=says,
    )
