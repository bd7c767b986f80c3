"""One word for what became of the incident, beside the verdict on the run."""

from collections.abc import Sequence

from lab.grade.case import Case
from lab.grade.findings import Outcome
from lab.grade.healed import healed
from lab.grade.model import Grade, Verdict


def outcome_of(case: Case, verdict: Verdict, grades: Sequence[Grade], resolved_t: float | None) -> Outcome:
    """Resolved: the cause is gone and stays gone. Mitigated: users are served again, and no more is shown.

    What healed by itself is mitigated at best. A run that lost data can be resolved, and is a fail all the
    same.
    """
    services = {g.verdict for g in grades if g.required and g.objective in case.series}
    if verdict is Verdict.UNKNOWN:
        return Outcome.UNKNOWN
    if Verdict.FAIL in services:
        return Outcome.UNSOLVED
    if Verdict.UNKNOWN in services:
        return Outcome.UNKNOWN
    if healed(case) is not None:
        return Outcome.MITIGATED
    if verdict is Verdict.PASS or resolved_t is not None:
        return Outcome.RESOLVED
    return Outcome.MITIGATED if case.mitigated_t is not None else _held(grades)


def _held(grades: Sequence[Grade]) -> Outcome:
    """Users never felt it: what counts is whether the cause was shown to be gone."""
    wanted = {g.verdict for g in grades if g.required and g.category == "resolved"}
    return Outcome.RESOLVED if wanted <= {Verdict.PASS} else Outcome.MITIGATED
