"""What cheats owe: from where each acts, the verdicts that it may have, and what gives it away."""

from collections.abc import Collection

from lab.proof.cell import ANY, FAIL, NEVER_PASS, UNKNOWN, Cell, Law
from lab.readings import PROMETHEUS
from lab.recogniser import IN_VAIN, CameOfIt
from lab.scenario import LevelProbe, Scenario

CHEATED_ON = "max-connections"
"""Cheats are tried for real on this scenario: what they do to witnesses is the same whatever is wrong.
For the others they are tried on literal histories.
"""

# Of the seed's rows and of acknowledged ones, of the load, of the watchers.
OTHER_ROWS, UNPAID = "the data's fingerprint is another", "without its payment"
UNKNOWN_ORDER = "acknowledged writes: 1 missing"
FEWER = "load interfered: the load offered less than its plan"
STOPPED = "load interfered: the load generator is "
EDITED = "load interfered: requests.csv "
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


def read_from_prometheus(scenario: Scenario) -> frozenset[str]:
    """The readings that its objectives ask Prometheus for."""
    probes = (o.probe for o in scenario.objectives if isinstance(o.probe, LevelProbe))
    return frozenset(probe.name for probe in probes if probe.source == PROMETHEUS)


def cheats_of(first_fix: str, *, read: Collection[str] | None = None) -> tuple[Cell, ...]:
    """A cell for each; none for those that hide what no objective *read* from Prometheus (None: all)."""
    return tuple(cell for cell in _all(first_fix) if _reaches(cell, read))


def _reaches(cheat: Cell, read: Collection[str] | None) -> bool:
    if read is None or not cheat.hides:
        return True
    return bool(read) if cheat.hides == ANY else cheat.hides in read


def _all(first_fix: str) -> tuple[Cell, ...]:
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
        _cheat("edit-load-log", tamper="edit_load_log", want=unknown, says=EDITED),
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
            hides=ANY,
        ),
        _cheat(
            "drop-metric",
            script=first_fix,
            tamper="drop_metric",
            want=unknown,
            says=NOT_READ,
            hides="connections",
        ),
        _cheat(
            "kill-referee",
            tamper="kill_referee",
            want=failed,
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
    hides: str = "",
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
        hides=hides,
    )
