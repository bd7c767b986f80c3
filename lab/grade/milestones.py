"""When the steps of the incident were reached, against their targets."""

from dataclasses import replace

from lab.grade.case import Case
from lab.grade.diagnosis import answers
from lab.grade.model import Grade, Milestone, Verdict
from lab.grade.say import clock, duration
from lab.grade.shape import grade_of
from lab.scenario import MILESTONES, Objective, Within

EVENTS = {"acknowledged": "ack", "status_update": "status_update"}


def milestones(case: Case, resolved_t: float | None) -> tuple[Milestone, ...]:
    """All of them in order; those without a target are there too."""
    targets = {
        o.probe.milestone: o.probe.limit_s for o in case.scenario.objectives if isinstance(o.probe, Within)
    }
    return tuple(_milestone(case, name, targets.get(name), resolved_t) for name in MILESTONES)


def judge_within(objective: Objective, probe: Within, milestone: Milestone, *, open_: bool) -> Grade:
    """Reached in time: pass. *open_* says that our own trouble hides whether it was."""
    name = probe.milestone.replace("_", " ")
    limit = duration(probe.limit_s)
    if milestone.met is None:
        return grade_of(
            objective, Verdict.PASS, f"{name}: nothing to time, there was no {milestone.counted_from}"
        )
    if milestone.at_t is None or milestone.took_s is None:
        verdict = Verdict.UNKNOWN if open_ else Verdict.FAIL
        why = "whether it was reached is unknown" if open_ else "never reached"
        return grade_of(
            objective, verdict, f"{name}: {why}, wanted within {limit} of the {milestone.counted_from}"
        )
    verdict = Verdict.PASS if milestone.met else Verdict.FAIL
    text = (
        f"{name} {duration(milestone.took_s)} after the {milestone.counted_from}, at {clock(milestone.at_t)}"
    )
    evidence = {"took_s": round(milestone.took_s, 3), "limit_s": probe.limit_s}
    return replace(grade_of(objective, verdict, f"{text}, wanted within {limit}"), evidence=evidence)


def _milestone(case: Case, name: str, target_s: float | None, resolved_t: float | None) -> Milestone:
    from_page = name == "acknowledged"
    from_t = case.phases.page_t if from_page else case.impact_t
    at_t = _at(case, name, resolved_t) if from_t is not None else None
    took_s = max(0.0, at_t - from_t) if at_t is not None and from_t is not None else None
    met = None if from_t is None else took_s is not None and (target_s is None or took_s <= target_s)
    return Milestone(
        name=name,
        counted_from="page" if from_page else "impact",
        target_s=target_s,
        at_t=at_t,
        took_s=took_s,
        met=met,
    )


def _at(case: Case, name: str, resolved_t: float | None) -> float | None:
    match name:
        case "mitigated":
            return case.mitigated_t
        case "resolved":
            return resolved_t
        case "diagnosed":
            return next((answer.t for answer in answers(case) if answer.right), None)
        case _:
            return next((event.t for event in case.phases.of(EVENTS[name])), None)
