"""Load a scenario and its runbook, whatever is wrong with their files, and apply the rules."""

from dataclasses import dataclass
from pathlib import Path

from lab import catalog
from lab.errors import BadScenario
from lab.lint.problem import Problem, runbook_file, scenario_file
from lab.lint.rules import problems
from lab.runbook import BadRunbook, Runbook, read_runbook
from lab.scenario import Scenario

SHOWN = 3
NOT_A_SCENARIO = frozenset({"TEMPLATE"})


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What came of one scenario; *scenario* is None where its file does not load."""

    id: str
    scenario: Scenario | None
    problems: tuple[Problem, ...]


def examine(scenario_id: str, root: Path) -> Examined:
    """Load the scenario of that id and its runbook from the checkout at *root*, and say all that is wrong."""
    runbook, found = _runbook(scenario_id, root)
    try:
        scenario = catalog.find(scenario_id)
    except BadScenario as error:
        file = scenario_file(scenario_id)
        broken = Problem(file=file, at="", wrong=error.why.removeprefix(f"{file}: "))
        return Examined(id=scenario_id, scenario=None, problems=(broken, *found))
    if runbook is not None:
        found = problems(scenario, runbook, file_id=scenario_id)
    return Examined(id=scenario_id, scenario=scenario, problems=found)


def refuse_unsound(scenario_id: str, root: Path) -> Scenario:
    """The scenario of that id; BadScenario says what is wrong with its files."""
    examined = examine(scenario_id, root)
    if examined.scenario is not None and not examined.problems:
        return examined.scenario
    said = [str(problem) for problem in examined.problems[:SHOWN]]
    more = len(examined.problems) - len(said)
    if more:
        said.append(f"and {more} more")
    raise BadScenario(scenario_id, "\n".join(said))


def orphans(root: Path) -> tuple[Problem, ...]:
    """Runbooks that belong to no scenario."""
    known = {*catalog.ids(), *NOT_A_SCENARIO}
    found = sorted(path.stem for path in (root / "runbooks").glob("*.md") if path.stem not in known)
    return tuple(
        Problem(file=runbook_file(name), at="", wrong=f"there is no {scenario_file(name)}") for name in found
    )


def _runbook(scenario_id: str, root: Path) -> tuple[Runbook | None, tuple[Problem, ...]]:
    file = runbook_file(scenario_id)
    try:
        return read_runbook(root / file), ()
    except FileNotFoundError:
        return None, (Problem(file=file, at="", wrong="it is not there"),)
    except BadRunbook as error:
        wrong = str(error).removeprefix(f"{scenario_id}.md: ")
        return None, (Problem(file=file, at="", wrong=wrong),)
    except (OSError, ValueError) as error:
        return None, (Problem(file=file, at="", wrong=str(error)),)
