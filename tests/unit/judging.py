"""A history of the tests' own scenario, judged; and one grade out of its report."""

from lab.grade import Grade, Report, grade
from tests.unit.histories import SCENARIO, Drill


def judged(drill: Drill) -> Report:
    return grade(SCENARIO, drill.history())


def of(report: Report, objective: str) -> Grade:
    return next(g for g in report.grades if g.objective == objective)
