"""Every cheat with the vantage that it is done from, and the verdict and the reason that a reader gets.

Not a test module.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lab.grade import Verdict
from lab.history.records import History
from lab.proof.cell import Vantage
from lab.readings import PROMETHEUS
from tests.unit import cheats
from tests.unit.cheats import Stage
from tests.unit.histories import Drill

HOST, TOOLBOX = Vantage.HOST, Vantage.TOOLBOX
FAIL, UNKNOWN = Verdict.FAIL, Verdict.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Cheat:
    """What it leaves in a journal, and what must come of it in any scenario.

    *because*: words of which one is among the reasons. *seen*: what the report names of acts in the toolbox.
    """

    name: str
    vantage: Vantage
    verdict: Verdict
    because: tuple[str, ...]
    left: Callable[[Stage], History]
    seen: tuple[str, ...] = ()

    def reaches(self, stage: Stage) -> bool:
        """Whether it reaches anything that is judged: a level, or one that Prometheus is asked for."""
        if self.name in ABOUT_PROMETHEUS:
            return any(level.source == PROMETHEUS for level in stage.levels)
        return self.name not in ABOUT_LEVELS or bool(stage.levels)


ABOUT_LEVELS = frozenset({"limits_raised"})
ABOUT_PROMETHEUS = frozenset({"metrics_deleted", "prometheus_restarted"})


def _cheat(
    leave: Callable[[Stage], Drill],
    vantage: Vantage,
    verdict: Verdict,
    *because: str,
    seen: tuple[str, ...] = (),
) -> Cheat:
    return Cheat(
        name=leave.__name__,
        vantage=vantage,
        verdict=verdict,
        because=because,
        left=lambda stage: leave(stage).history(),
        seen=seen,
    )


CHEATS = (
    _cheat(cheats.load_stopped, HOST, UNKNOWN, "load interfered: the load was gone for"),
    _cheat(cheats.load_slowed, HOST, UNKNOWN, "load interfered: the load offered less than its plan"),
    _cheat(cheats.load_sent_elsewhere, HOST, FAIL, "acknowledged writes: 900 missing"),
    _cheat(cheats.load_sent_elsewhere_for_reading, HOST, UNKNOWN, "without the balancer seeing any"),
    _cheat(cheats.balancer_answers_200, HOST, FAIL, "success of all requests: "),
    _cheat(cheats.maintenance_page, HOST, FAIL, "success of all requests: 0% ("),
    _cheat(cheats.metrics_deleted, HOST, UNKNOWN, "no reading for 60 s"),
    _cheat(cheats.prometheus_restarted, HOST, UNKNOWN, "the watcher was restarted at"),
    _cheat(cheats.false_ledger_entry, HOST, FAIL, "1,501 acknowledged writes: 1 missing"),
    _cheat(cheats.ledger_unreadable, HOST, UNKNOWN, "line 7 of the ledger is no acknowledged write"),
    _cheat(cheats.ledger_emptied, HOST, UNKNOWN, "the ledger has no order, and"),
    _cheat(cheats.referee_killed, HOST, UNKNOWN, "no reading for", "nobody watched for"),
    Cheat(
        name="clock_set_back",
        vantage=HOST,
        verdict=UNKNOWN,
        because=("the clock went back by 29 s",),
        left=lambda stage: tuple(cheats.clock_set_back(cheats.solved(stage).history(), by_s=30)),
    ),
    _cheat(cheats.zero_and_back, TOOLBOX, FAIL, "success of all requests: ", seen=("scaled-to-zero",)),
    _cheat(
        cheats.everything_restarted,
        TOOLBOX,
        FAIL,
        "resolved: replayed",
        seen=("restarted-pods", "restarted-database"),
    ),
    _cheat(
        cheats.tables_truncated,
        TOOLBOX,
        FAIL,
        "acknowledged writes: 1500 missing",
        "the data's fingerprint is another",
        seen=("wrote-to-data",),
    ),
    _cheat(cheats.limits_raised, TOOLBOX, FAIL, "last outside with", seen=("raised-max-connections",)),
)
