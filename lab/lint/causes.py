"""Causes of a scenario that its runbook names and it has not, or that no fix is tried in."""

from lab.lint.problem import Found, unknown
from lab.runbook import Runbook, causes_of
from lab.scenario import Scenario


def of_runbooks_causes(scenario: Scenario, runbook: Runbook) -> Found:
    """What is wrong with where the runbook's fixes and traps are tried."""
    causes = causes_of(variant.name for variant in scenario.variants)
    for (kind, name), said in runbook.tried_in.items():
        for cause in said:
            if cause not in causes:
                yield f"{kind}={name}", unknown("cause", cause, causes)
    if not runbook.fixes:
        return
    first = next(iter(runbook.fixes))
    tried = {c for (kind, _), said in runbook.tried_in.items() if kind == "fix" for c in said}
    unsaid = ("fix", first) not in runbook.tried_in
    for cause in causes:
        if not unsaid and cause not in tried:
            yield f"fix={first}", f"no fix is tried in {cause}: nobody has shown that it can be passed"
