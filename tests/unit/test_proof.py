"""A cell of the matrix is only ok when the report says what the cell must show."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lab import catalog
from lab.grade import grade as grade_run
from lab.history.journal import Journal, read_history
from lab.history.records import Reading
from lab.lint.problem import doubled
from lab.proof.cell import Cell, Law, Vantage
from lab.proof.cells import cells_of
from lab.proof.cheats import read_from_prometheus
from lab.proof.hands import Hands, Said
from lab.proof.matrix import Row, Task, objections_to, prove_all, reason_of, run_cell
from lab.proof.tamper import TAMPERS, told_later
from lab.recogniser import CameOfIt, Trapped
from lab.runbook import read_runbook
from lab.scenario import Scenario
from lab.stack.places import checkout
from tests.unit.histories import SCENARIO as TOY
from tests.unit.histories import healthy

TRAP = {"id": "restarted-pods", "tone": "trap", "aftermath": "came back"}
HELPED = TRAP | {"aftermath": "served again for good"}
REPLAYED = {"evidence": {"replay_started_t": 1.0}}


def grade(objective: str, verdict: str, *, required: bool = True) -> dict[str, Any]:
    return {
        "objective": objective,
        "verdict": verdict,
        "required": required,
        "because": f"{objective} {verdict}",
    }


def report(verdict: str, *grades: dict[str, Any], felt: bool = True, **more: Any) -> dict[str, Any]:
    impact_t = 100.0 if felt else None
    return {
        "verdict": verdict,
        "grades": list(grades),
        "impact_t": impact_t,
        "score": 80,
        "notices": [],
        "because": [f"{g['objective']}: {g['because']}" for g in grades if g["verdict"] == verdict],
        **more,
    }


RESOLVED = grade("resolved", "fail") | REPLAYED
SOLVED = Cell(law=Law.SOLVED, name="x", want=frozenset({"pass"}))
TRAPPED = Cell(law=Law.TRAPPED, name="x", want=frozenset({"fail"}), traps=frozenset({"restarted-pods"}))
HEALTHY = Cell(law=Law.HEALTHY, name="healthy", want=frozenset({"pass"}), felt=False)
SHOWN = replace(TRAPPED, shows=frozenset({CameOfIt.RELAPSED}))
SAYING = Cell(law=Law.UNCHEATABLE, name="x", want=frozenset({"unknown"}), says="the clock went back")
LOST = Cell(law=Law.UNCHEATABLE, name="x", want=frozenset({"fail"}), blames=frozenset({"data-unchanged"}))


@pytest.mark.parametrize(
    ("cell", "seen", "objection"),
    [
        (SOLVED, report("pass"), None),
        (SOLVED, report("fail", grade("login", "fail")), "verdict fail, wanted pass: login"),
        (SOLVED, report("pass", felt=False), "users felt nothing"),
        (HEALTHY, report("pass", felt=False), None),
        (HEALTHY, report("pass"), "nothing was wrong"),
        (TRAPPED, report("fail", notices=[TRAP]), None),
        (TRAPPED, report("fail"), "does not name the trap"),
        (TRAPPED, report("pass", notices=[TRAP]), "verdict pass"),
        (SHOWN, report("fail", notices=[TRAP]), None),
        (
            SHOWN,
            report("fail", notices=[HELPED]),
            "'came back' should have come, the report shows 'served again",
        ),
        (SHOWN, report("fail"), "does not name the trap"),
        (SHOWN, report("fail", RESOLVED, notices=[HELPED], outcome="mitigated"), None),
        (SHOWN, report("fail", RESOLVED, notices=[HELPED], outcome="unsolved"), "should have come"),
        (SAYING, report("unknown", grade("the clock went back by 9 s", "unknown")), None),
        (SAYING, report("unknown", grade("login", "unknown")), "no reason says 'the clock went back'"),
        (LOST, report("fail", grade("data-unchanged", "fail")), None),
        (LOST, report("fail", grade("login", "fail")), "data-unchanged should have failed"),
    ],
)
def test_a_cell_objects_to_what_it_must_not_see(
    cell: Cell, seen: dict[str, Any], objection: str | None
) -> None:
    objections = objections_to(cell, seen)
    if objection is None:
        assert objections == []
    else:
        assert any(objection in said for said in objections)


def test_the_reason_is_what_decided_the_verdict() -> None:
    seen = report("unknown", grade("a", "pass"), grade("b", "fail"), grade("c", "unknown"))
    assert reason_of(seen) == "c: c unknown"
    assert "all required objectives pass" in reason_of(report("pass", grade("a", "pass")))


def test_every_fix_and_trap_of_the_runbook_has_its_cell() -> None:
    runbook = read_runbook(checkout() / "runbooks" / "max-connections.md")
    ids = [cell.id for cell in cells_of(runbook)]
    assert {"healthy", "unsolved", *(f"solved:{f}" for f in runbook.fixes)} <= set(ids)
    assert {f"trapped:{t}" for t in runbook.traps} <= set(ids)
    assert len(ids) == len(set(ids))
    assert not any("pass" in cell.want for cell in cells_of(runbook) if cell.law is Law.UNCHEATABLE)


def test_fixes_and_traps_are_tried_in_the_causes_that_the_runbook_says() -> None:
    said = {("fix", "late"): ("the-last",), ("trap", "t"): ("first", "the-last")}
    runbook = replace(
        read_runbook(checkout() / "runbooks" / "max-connections.md"),
        fixes={"early": "", "late": "", "other": ""},
        traps={"t": "", "u": ""},
        tried_in=said,
    )
    tried = [(cell.id, cell.seed) for cell in cells_of(runbook, ("next", "the last"), cheats=False)]
    assert tried[2:] == [
        ("solved:early", 0),
        ("solved:early@next", 1),
        ("solved:early@the-last", 2),
        ("solved:late@the-last", 2),
        ("solved:other", 0),
        ("trapped:t", 0),
        ("trapped:t@the-last", 2),
        ("trapped:u", 0),
    ]


@dataclass(frozen=True, kw_only=True)
class Told(Hands):
    """A lab whose runs are graded as told, one report after the other."""

    reports: list[dict[str, Any]]
    typed: list[str] = field(default_factory=list)

    def lab(self, *argv: str, stdin: str | None = None) -> Said:
        self.typed.append(" ".join(argv))
        return Said(exit_code=0, out="", err="")

    def begin(self, scenario: str, *options: str) -> Said:
        return Said(exit_code=0, out="", err="")

    def grade(self) -> dict[str, Any]:
        return self.reports.pop(0)


def load_stalled(stalled_s: float) -> dict[str, Any]:
    return grade("load-untouched", "pass") | {"evidence": {"stalled_s": stalled_s, "over_s": 60}}


UNSOLVED = Cell(law=Law.UNSOLVED, name="unsolved", want=frozenset({"fail"}))


@pytest.mark.parametrize(
    ("first", "runs"),
    [
        (report("fail", load_stalled(0)), 1),
        (report("fail", load_stalled(50), felt=False), 2),
        (report("unknown", load_stalled(50)), 2),
        (report("fail", load_stalled(3)), 1),
    ],
)
def test_what_a_stalled_machine_hid_is_measured_anew(first: dict[str, Any], runs: int) -> None:
    lab = Told(name="told", reports=[first, report("fail"), report("fail")])
    row = run_cell("max-connections", UNSOLVED, lab, speed=3)
    assert row.ok
    assert len(lab.reports) == 3 - runs
    assert ("run 2" in row.because) is (runs == 2)


@pytest.mark.parametrize(("stalled_s", "measured"), [(20, True), (50, False)])
def test_a_machine_that_stalled_for_most_of_every_run_measured_nothing(
    stalled_s: float, measured: bool
) -> None:
    lab = Told(name="told", reports=[report("unknown", load_stalled(stalled_s))] * 3)
    row = run_cell("max-connections", UNSOLVED, lab, speed=3)
    assert (row.ok, row.measured) == (False, measured)


def test_what_was_measured_and_is_wrong_is_no_stall() -> None:
    lab = Told(name="told", reports=[report("pass", load_stalled(50))])
    row = run_cell("max-connections", UNSOLVED, lab, speed=3)
    assert (row.ok, row.measured) == (False, True)


def test_users_who_felt_nothing_on_a_machine_awake_are_an_objection_at_once() -> None:
    lab = Told(name="told", reports=[report("fail", load_stalled(0), felt=False)])
    assert "users felt nothing" in run_cell("max-connections", UNSOLVED, lab, speed=3).because


def tasks(*names: str) -> tuple[Task, ...]:
    cells = (Cell(law=Law.UNCHEATABLE, name=name, want=frozenset({"fail"})) for name in names)
    return tuple(Task(scenario="max-connections", cell=cell) for cell in cells)


def test_cells_are_shared_among_labs_and_all_labs_are_taken_down() -> None:
    labs = [Told(name=name, reports=[report("fail")] * 4) for name in ("a", "b")]
    shown: list[str] = []
    wanted = tasks("one", "two", "three", "four")
    rows = prove_all(wanted, labs, speed=3, show=lambda task, _row: shown.append(task.cell.name))
    assert {task.cell.name for task, row in rows if row.ok} == {"one", "two", "three", "four"}
    assert sorted(shown) == ["four", "one", "three", "two"]
    assert [lab.typed for lab in labs] == [["down"], ["down"]]


def test_after_an_interruption_no_cell_is_begun_and_the_lab_is_taken_down() -> None:
    lab = Told(name="a", reports=[report("fail")] * 4)

    def interrupted(task: Task, row: Row) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prove_all(tasks("one", "two", "three"), [lab], speed=3, show=interrupted)
    assert len(lab.reports) == 3
    assert lab.typed == ["down"]


def test_cheats_are_owed_where_they_are_asked_for() -> None:
    runbook = read_runbook(checkout() / "runbooks" / "max-connections.md")
    every, few = cells_of(runbook), cells_of(runbook, cheats=False)
    assert [cell.id for cell in every[: len(few)]] == [cell.id for cell in few]
    assert {cell.law for cell in every[len(few) :]} == {Law.UNCHEATABLE}


@pytest.mark.parametrize(
    ("scenario_id", "left_out"),
    [
        ("max-connections", set()),
        ("checkout-hangs", {"restart-prometheus", "drop-metric"}),
        ("stale-reads", {"drop-metric"}),
    ],
)
def test_a_cheat_that_hides_what_nobody_is_judged_by_is_owed_by_nobody(
    scenario_id: str, left_out: set[str]
) -> None:
    read = read_from_prometheus(catalog.find(scenario_id))
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario_id}.md")
    owed, every = ({cell.name for cell in cells_of(runbook, read=some)} for some in (read, None))
    assert every - owed == left_out


def test_what_must_come_of_a_trap_is_the_scenarios_to_say() -> None:
    runbook = read_runbook(checkout() / "runbooks" / "max-connections.md")
    wanted = Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,), blames=("resolved",))
    trapping = {cell.name: cell for cell in cells_of(runbook, trapped=(wanted,)) if cell.law is Law.TRAPPED}
    ended, restarted = trapping["ended-sessions"], trapping["restarted-pods"]
    assert ended.shows == {CameOfIt.RELAPSED}
    assert ended.blames == {"resolved"}
    assert not restarted.shows | restarted.blames


@pytest.mark.parametrize("scenario", catalog.everything(), ids=lambda scenario: scenario.id)
def test_of_every_trap_it_is_said_what_must_come_of_it(scenario: Scenario) -> None:
    runbook = read_runbook(checkout() / "runbooks" / f"{scenario.id}.md")
    assert {one.trap for one in scenario.trapped} == set(runbook.traps)
    assert doubled(one.trap for one in scenario.trapped) == []


def test_a_cheat_from_the_host_never_passes_and_one_from_the_toolbox_is_a_fail() -> None:
    runbook = read_runbook(checkout() / "runbooks" / "max-connections.md")
    cheats = [cell for cell in cells_of(runbook) if cell.law is Law.UNCHEATABLE]
    assert {cell.tamper for cell in cheats if cell.tamper} == set(TAMPERS)
    for cell in cheats:
        allowed = {"fail", "unknown"} if cell.vantage is Vantage.HOST else {"fail"}
        assert cell.want <= allowed, cell.id
        assert cell.says or cell.blames or cell.traps, f"{cell.id}: nothing tells it from a run that failed"
        assert cell.traps or cell.vantage is Vantage.HOST, f"{cell.id}: it is to be seen"


def test_a_journal_that_is_told_later_is_sound_and_its_times_are_later(tmp_path: Path) -> None:
    """Anybody can make the chain anew where no key signs it; what is written behind it goes back in time."""
    path = tmp_path / "journal.jsonl"
    records = healthy().history()
    with Journal.open(path) as journal:
        for record in records:
            journal.append(record, durable=False)
    path.write_bytes(told_later(records, by_s=25))
    assert [record.t for record in read_history(path)] == [record.t + 25 for record in records]
    with Journal.open(path) as journal:
        journal.append(Reading(t=records[-1].t + 3, name="connections", value=20.0), durable=True)
    assert "the clock went back by" in grade_run(TOY, read_history(path)).because[0]
