"""What lint finds, on the command line: said to people and machines, and in the way of a start."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import scenarios
from lab.cli import run
from lab.lint import examine
from lab.stack.places import checkout
from tests.unit.linting import GOOD


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files are scenarios too, for as long as one test takes."""
    monkeypatch.setattr(scenarios, "__path__", [*scenarios.__path__, str(tmp_path)])
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("lab.scenarios.unsound")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SCENARIO = (", "does not load: SyntaxError"),
        ("import lab.nowhere", "does not load: ModuleNotFoundError"),
        ("", "does not load: AttributeError"),
        ("SCENARIO = 7", "SCENARIO is a int, wanted a Scenario"),
        (
            "from faults.release import BadRelease\nBadRelease(deployment='api', release='', cause='')",
            "does not load: BadParameter",
        ),
    ],
)
def test_a_file_that_does_not_load_is_a_problem_and_a_start_of_it_the_authors_error(
    extra: Path, text: str, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (extra / "unsound.py").write_text(text)
    assert wrong in str(examine("unsound", checkout()).problems[0])
    assert run(["start", "unsound"]) == 2
    shown = capsys.readouterr().err
    assert f"lab/scenarios/unsound.py: {wrong}" in shown
    assert "lab lint unsound" in shown
    assert "our own bug" not in shown
    assert run(["list", "--json"]) == 0
    listed = {s["id"]: s["title"] for s in json.loads(capsys.readouterr().out)["scenarios"]}
    assert (listed["unsound"], listed[GOOD.id]) == ("does not load: lab lint unsound", GOOD.title)


def test_a_start_is_refused_for_what_lint_says(extra: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (checkout() / "lab/scenarios/max_connections.py").read_text()
    (extra / "unsound.py").write_text(text.replace("at_least_ratio=0.99", "at_least_ratio=99.0"))
    for argv in (["start", "unsound"], ["run", "unsound", "--fix", __file__]):
        assert run(argv) == 2
        shown = capsys.readouterr().err
        assert "runbooks/unsound.md: it is not there" in shown
    assert run(["lint"]) == 1
    assert "runbooks/unsound.md: it is not there" in capsys.readouterr().out


def test_the_command_line_says_it_to_people_and_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint"]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    assert run(["lint", "max-connections", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["lint", "max-conections"]) == 2
    assert "lab lint max-connections" in capsys.readouterr().err
