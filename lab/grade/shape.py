"""Makes a grade from a judgement: all points for a pass, none for the rest, unless said otherwise."""

from collections.abc import Mapping

from lab.grade.model import Grade, Number, Verdict
from lab.scenario import Objective


def grade_of(
    objective: Objective,
    verdict: Verdict,
    because: str,
    *,
    evidence: Mapping[str, Number] | None = None,
    earned: float | None = None,
) -> Grade:
    """The grade of *objective*."""
    points = float(objective.points) if verdict is Verdict.PASS else 0.0
    return Grade(
        objective=objective.id,
        claim=objective.claim,
        category=objective.category.value,
        required=objective.required,
        verdict=verdict,
        earned=points if earned is None else round(earned, 2),
        possible=objective.points,
        because=because,
        evidence=dict(evidence or {}),
    )
