"""Runs cells one after the other on a warm lab, or on several at a time, with a reset between."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from faults.errors import NotReached
from lab.errors import EnvironmentTrouble
from lab.proof.cell import UNKNOWN, Cell
from lab.proof.hands import Hands, NotBegun
from lab.proof.reversible import kill_and_look
from lab.proof.tamper import TAMPERS
from lab.proof.trapped import came_of_trap

UNMEASURED_AT_MOST = 2
"""Runs of a cell that may say nothing, before one counts as it is."""

HIDDEN_RATIO = 0.5
"""Where the machine stalled for more of the last one too, a cell was not measured at all."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a cell showed. *because* says why it is as it must be, or why not; *measured* is False where the
    machine stalled too much for either.
    """

    cell: Cell
    ok: bool
    verdict: str
    because: str
    measured: bool = True
    took_s: float = 0.0
    run_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One cell of one scenario."""

    scenario: str
    cell: Cell


def prove_all(
    tasks: Sequence[Task],
    labs: Sequence[Hands],
    *,
    speed: float,
    show: Callable[[Task, Row], None],
    starting: Callable[[Task], None] = lambda _task: None,
) -> tuple[tuple[Task, Row], ...]:
    """Run *tasks* in their order, one at a time on each of *labs*; show each row as it comes, and take the
    labs down at the end.

    A cell that could not be run is a row that is not ok; the ones after it still run, on a lab started anew.
    """
    waiting = deque(tasks)
    rows: list[tuple[Task, Row]] = []
    turn = threading.Lock()

    def take() -> Task | None:
        with turn:
            task = waiting.popleft() if waiting else None
            if task is not None:
                starting(task)
        return task

    def work(hands: Hands) -> None:
        while (task := take()) is not None:
            row = run_cell(task.scenario, task.cell, hands, speed=speed)
            with turn:
                rows.append((task, row))
                show(task, row)

    try:
        if len(labs) == 1:
            work(labs[0])  # in this thread, which a signal interrupts
        else:
            _at_once(work, labs, waiting.clear)
    finally:
        for hands in labs:
            hands.lab("down")
    return tuple(rows)


def _at_once(work: Callable[[Hands], None], labs: Sequence[Hands], cut_short: Callable[[], None]) -> None:
    """Work on all labs; interrupted, what is under way ends and nothing more is begun."""
    with ThreadPoolExecutor(max_workers=len(labs)) as pool:
        try:
            tuple(pool.map(work, labs))
        finally:
            cut_short()


def run_cell(scenario: str, cell: Cell, hands: Hands, *, speed: float) -> Row:
    """Run one cell, on the lab that is there or on a new one."""
    began = time.monotonic()
    try:
        seen = (
            _killed(scenario, cell, hands, speed) if cell.kill_in else _graded(scenario, cell, hands, speed)
        )
    except (EnvironmentTrouble, NotReached) as trouble:
        hands.lab("down")
        seen = Row(cell=cell, ok=False, verdict="-", because=str(trouble))
    return replace(seen, took_s=time.monotonic() - began)


def _killed(scenario: str, cell: Cell, hands: Hands, speed: float) -> Row:
    objections = kill_and_look(cell.kill_in, scenario, hands, speed=speed)
    because = "; ".join(objections) or "nothing with our label was left, and a new lab began as ever"
    return Row(cell=cell, ok=not objections, verdict="-", because=because)


def _graded(scenario: str, cell: Cell, hands: Hands, speed: float) -> Row:
    report, runs = _measured(scenario, cell, hands, speed)
    objections = objections_to(cell, report)
    again = f" (run {runs}: those before said nothing, the machine stalled)" if runs > 1 else ""
    return Row(
        cell=cell,
        ok=not objections,
        verdict=str(report["verdict"]),
        because=("; ".join(objections) or reason_of(report)) + again,
        measured=not (objections and _stalled_ratio(report) > HIDDEN_RATIO and _nothing_said(cell, report)),
        run_id=str(report.get("run_id", "")),
    )


def _measured(scenario: str, cell: Cell, hands: Hands, speed: float) -> tuple[dict[str, Any], int]:
    """Run a cell until something was measured, and say how often that was: a baseline that a stalled machine
    spoilt, a verdict that it left unknown or an outage that it hid says nothing about the cell. The last one
    counts as it is.
    """
    for earlier in range(UNMEASURED_AT_MOST):
        try:
            report = _run(scenario, cell, hands, speed)
        except NotBegun:
            hands.lab("down")
            continue
        if not (_stalled_ratio(report) and _nothing_said(cell, report)):
            return report, earlier + 1
    return _run(scenario, cell, hands, speed), UNMEASURED_AT_MOST + 1


def _nothing_said(cell: Cell, report: dict[str, Any]) -> bool:
    """Whether the report leaves open what the cell asks for."""
    undecided = report["verdict"] == UNKNOWN and UNKNOWN not in cell.want
    return undecided or (cell.felt is True and report.get("impact_t") is None)


def _stalled_ratio(report: dict[str, Any]) -> float:
    """How much of the run the machine slept or stalled, as the load's own clock says."""
    shown = [evidence for g in _grades(report) if "stalled_s" in (evidence := g.get("evidence") or {})]
    return max((float(e["stalled_s"]) / (float(e["over_s"]) or 1.0) for e in shown), default=0.0)


def _run(scenario: str, cell: Cell, hands: Hands, speed: float) -> dict[str, Any]:
    options = ["--speed", f"{speed:g}", "--seed", str(cell.seed), *(["--calm"] if cell.calm else [])]
    hands.begin(scenario, *options)
    if cell.felt and cell.script:
        # A page may be quicker than the harm: what is proven is that an outage is ended.
        hands.wait_for_impact()
    if cell.script:
        said = hands.type_in_toolbox(cell.script)
        if said.exit_code != 0:
            raise EnvironmentTrouble(
                f"{cell.id}: its script ended with {said.exit_code}: {(said.err or said.out)[-600:]}"
            )
    if cell.tamper:
        TAMPERS[cell.tamper](hands.name)
    return hands.grade()


def objections_to(cell: Cell, report: dict[str, Any]) -> list[str]:
    """What about *report* is not as the cell must have it; empty where all is."""
    objections = []
    if report["verdict"] not in cell.want:
        objections.append(
            f"verdict {report['verdict']}, wanted {' or '.join(sorted(cell.want))}: {reason_of(report)}"
        )
    if cell.felt is True and report.get("impact_t") is None:
        objections.append("users felt nothing")
    if cell.felt is False and report.get("impact_t") is not None:
        objections.append("users felt something where nothing was wrong")
    failed = {g["objective"] for g in _grades(report) if g["verdict"] == "fail"}
    if cell.blames and not cell.blames & failed:
        objections.append(f"{' or '.join(sorted(cell.blames))} should have failed, failed: {sorted(failed)}")
    for trap in sorted(cell.traps):
        objections += came_of_trap(trap, cell.shows, report)
    told = (entry["text"] for entry in report.get("timeline", ()))
    said = (*report["because"], *(str(g["because"]) for g in _grades(report)), *told)
    if cell.says and not any(cell.says in text for text in said):
        objections.append(f"no reason says {cell.says!r}")
    return objections


def reason_of(report: dict[str, Any]) -> str:
    """What decided the verdict, or that all is well."""
    if report["verdict"] != "pass":
        return "; ".join(report["because"])
    return f"all required objectives pass, score {report['score']:g}"


def _grades(report: dict[str, Any]) -> Iterable[dict[str, Any]]:
    grades: Iterable[dict[str, Any]] = report["grades"]
    return grades
