"""From a scenario and a history to a report: `grade` is pure, and the same input gives the same report."""

from collections.abc import Mapping, Sequence

from lab.grade.budget import budget, downtime
from lab.grade.case import Case, case_of
from lab.grade.diagnosis import judge_diagnosis
from lab.grade.facts import judge_ledger, judge_load, judge_unchanged
from lab.grade.guards import judge_guard
from lab.grade.handling import handling
from lab.grade.healed import healed_flags, without_credit
from lab.grade.levels import judge_level, stay_of
from lab.grade.made_of import images_of, machine_of, seed_of, versions_of
from lab.grade.milestones import judge_within, milestones
from lab.grade.model import Grade, Milestone, Outage, Report, Verdict
from lab.grade.outcome import outcome_of
from lab.grade.phases import phases_of
from lab.grade.rails import judge_rail
from lab.grade.service import judge_service
from lab.grade.story import hints, timeline
from lab.grade.traps import notices
from lab.grade.trigger import judge_trigger
from lab.grade.verdict import verdict_of
from lab.grade.witnesses import disagreements
from lab.history.records import History
from lab.scenario import (
    Diagnosed,
    LatencyP95,
    LedgerIntact,
    LevelAbove,
    LevelBelow,
    LevelProbe,
    LoadUntouched,
    Mode,
    Objective,
    Scenario,
    SuccessRatio,
    TriggerSurvived,
    Unchanged,
    Within,
    hastened,
    varied,
)
from lab.targets import targeted


def as_run(scenario: Scenario, history: History) -> Scenario:
    """The scenario as the run had it: its seed's cause, its targets, hastened where a proof did so."""
    phases = phases_of(history)
    scenario = targeted(varied(scenario, int(phases.run.get("seed") or 0)), phases.targets)
    return hastened(scenario, phases.speed) if phases.speed > 1 else scenario


def grade(scenario: Scenario, history: History) -> Report:
    """Judge a run. *scenario* is the one that was run: see `as_run` for one that a proof hastened."""
    case = case_of(scenario, history)
    judged = {o.id: _judge(case, o) for o in scenario.objectives if not isinstance(o.probe, Within)}
    resolved_t = _resolved_t(case, judged)
    reached = milestones(case, resolved_t)
    all_grades = [judged.get(o.id) or _judge_within(o, reached, judged) for o in scenario.objectives]
    grades = without_credit(case, all_grades)
    taken, noticed = hints(case), notices(case)
    verdict, because = verdict_of(case, grades)
    run = case.phases.run
    return Report(
        scenario=scenario.id,
        title=scenario.title,
        run_id=str(run.get("run_id", "")),
        lab=str(run.get("lab", "")),
        verdict=verdict,
        outcome=outcome_of(case, verdict, grades, resolved_t),
        because=because,
        score=_score(grades, sum(hint.price for hint in taken)),
        grades=grades,
        milestones=reached,
        outages=tuple(
            Outage(start_t=s.start_t, end_t=s.end_t, objectives=s.objectives) for s in case.outages
        ),
        budget=budget(case),
        downtime=downtime(case),
        notices=noticed,
        handling=handling(case, noticed),
        flags=(*disagreements(case, history), *healed_flags(case)),
        hints=taken,
        timeline=timeline(case, resolved_t),
        started_t=case.phases.started_t,
        ended_t=case.phases.ended_t,
        page_t=case.phases.page_t,
        impact_t=case.impact_t,
        mitigated_t=case.mitigated_t,
        resolved_t=resolved_t,
        speed=case.phases.speed,
        targets=case.phases.targets,
        calm=case.phases.calm,
        versions=versions_of(run),
        images=images_of(run),
        seed=seed_of(run),
        machine=machine_of(run),
    )


def _judge(case: Case, objective: Objective) -> Grade:
    match objective.probe:
        case SuccessRatio(mode=Mode.THROUGHOUT) as probe:
            return judge_rail(case, objective, probe)
        case SuccessRatio() | LatencyP95() as probe:
            return judge_service(case, objective, probe)
        case LevelBelow() | LevelAbove() as probe:
            judged = judge_level if probe.mode is Mode.HELD else judge_guard
            return judged(case, objective, probe)
        case TriggerSurvived() as probe:
            return judge_trigger(case, objective, probe)
        case LedgerIntact() as probe:
            return judge_ledger(case, objective, probe)
        case Unchanged() as probe:
            return judge_unchanged(case, objective, probe)
        case LoadUntouched() as probe:
            return judge_load(case, objective, probe)
        case Diagnosed() as probe:
            return judge_diagnosis(case, objective, probe)
        case Within():
            raise ValueError(f"objective {objective.id}: milestones are judged after the others")


RESOLVED_NEEDS = (SuccessRatio, LatencyP95, LevelBelow, LevelAbove, TriggerSurvived)
GUARDS = (Mode.THROUGHOUT, Mode.NEVER)
"""What these watch over may be broken on the way to a cause that is gone."""


def _resolved_t(case: Case, judged: Mapping[str, Grade]) -> float | None:
    """When users were served and levels in bounds for good; only a replay that was survived proves it."""
    needed = [o for o in case.scenario.objectives if o.required and _resolves(o)]
    if case.mitigated_t is None or any(judged[o.id].verdict is not Verdict.PASS for o in needed):
        return None
    stays = [
        stay_of(case, o.probe, o.hold_s)
        for o in needed
        if isinstance(o.probe, LevelProbe) and o.probe.mode is Mode.HELD
    ]
    return max([case.mitigated_t, *(stay.since_t for stay in stays if stay)])


def _resolves(objective: Objective) -> bool:
    probe = objective.probe
    if isinstance(probe, LevelProbe | SuccessRatio) and probe.mode in GUARDS:
        return False
    return isinstance(probe, RESOLVED_NEEDS)


def _judge_within(objective: Objective, reached: Sequence[Milestone], judged: Mapping[str, Grade]) -> Grade:
    probe = objective.probe
    if not isinstance(probe, Within):
        raise TypeError(f"objective {objective.id}: not a milestone")
    milestone = next(m for m in reached if m.name == probe.milestone)
    waits_on = ("service",) if milestone.name == "mitigated" else ("service", "resolved")
    hidden = milestone.name in ("mitigated", "resolved") and {
        g.verdict for g in judged.values() if g.required and g.category in waits_on
    } - {Verdict.PASS} == {Verdict.UNKNOWN}
    return judge_within(objective, probe, milestone, open_=hidden)


def _score(grades: Sequence[Grade], hints_cost: float) -> int:
    """0 to 100: the share of the points that was earned, less what hints cost."""
    possible = sum(g.possible for g in grades)
    earned = sum(g.earned for g in grades)
    return max(0, round(100 * earned / possible - hints_cost)) if possible else 0
