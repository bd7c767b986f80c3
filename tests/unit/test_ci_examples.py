"""The examples for CI systems are well-formed, and what they type is what `lab` and `make` take."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import click
import pytest

from lab import catalog
from lab.cli import cli
from lab.cli.lint import lint
from lab.stack.places import checkout
from lab.stack.submission import read_submission
from tests.ci_examples import github, gitlab

REPORTS = ("junit", "json_file", "html")


Case: TypeAlias = tuple[Callable[[], list[str]], Callable[[], list[str]], Callable[[], Mapping[str, str]]]
"""How an example's command lines, artefacts and variables are read."""


def github_lines() -> list[str]:
    return [str(step["run"]) for step in github()["steps"] if "run" in step]


def gitlab_lines() -> list[str]:
    return [*gitlab()["script"], *gitlab()["after_script"]]


def github_artefacts() -> list[str]:
    [upload] = [step for step in github()["steps"] if "upload-artifact" in step.get("uses", "")]
    assert upload["if"] == "always()"
    return str(upload["with"]["path"]).split()


def gitlab_artefacts() -> list[str]:
    assert gitlab()["artifacts"]["when"] == "always"
    return list(gitlab()["artifacts"]["paths"])


CASES: Mapping[str, Case] = {
    "github": (github_lines, github_artefacts, lambda: github()["env"]),
    "gitlab": (gitlab_lines, gitlab_artefacts, lambda: gitlab()["variables"]),
}

COMMANDS = [(name, line) for name, (lines, _, _) in CASES.items() for line in lines()]


@pytest.fixture(autouse=True)
def submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the examples speak of, where they are read."""
    monkeypatch.setenv("LAB_NAME", "ci-7")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "fix.sh").write_text("true\n")


def parsed(words: Sequence[str]) -> click.Context:
    """What `lab` makes of a command line; nothing is run."""
    group = cli.make_context("lab", list(words))
    command = cli.get_command(group, words[0])
    assert command is not None, f"lab has no verb {words[0]}"
    return command.make_context(words[0], list(words[1:]), parent=group)


def drills(lines: Sequence[str]) -> Iterator[click.Context]:
    for line in lines:
        words = shlex.split(line)
        if words[:2] == [".venv/bin/lab", "run"]:
            yield parsed(words[1:])


@pytest.mark.parametrize(("name", "line"), COMMANDS, ids=[f"{name}: {line[:40]}" for name, line in COMMANDS])
def test_every_command_is_one_that_its_own_parser_takes(name: str, line: str) -> None:
    program, *words = shlex.split(line)
    if program == "make":
        done = subprocess.run(
            ["make", "--dry-run", *words], cwd=checkout(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    else:
        assert program == ".venv/bin/lab", f"{name}: {line}"
        assert parsed(words).params


@pytest.mark.parametrize("name", CASES)
def test_one_drill_is_run_with_a_submission_and_its_reports_are_kept(name: str) -> None:
    lines, artefacts, variables = CASES[name]
    [drill] = drills(lines())
    assert catalog.find(drill.params["scenario"])
    assert read_submission(drill.params["submission"]).start
    assert drill.params["fix"] is None
    written = {str(drill.params[option]) for option in REPORTS}
    journal = f"{variables()['LAB_HOME']}/runs/*/journal.jsonl"
    assert set(artefacts()) == {*written, journal}
    # Hidden folders are left out of artefacts, and absolute paths are not the project's.
    assert all(re.match(r"[a-z]", path) for path in artefacts())


def test_gitlab_shows_the_report_that_the_drill_writes() -> None:
    [drill] = drills(gitlab_lines())
    assert gitlab()["artifacts"]["reports"]["junit"] == str(drill.params["junit"])


def test_what_the_parser_would_not_take_is_told() -> None:
    with pytest.raises(click.UsageError):
        parsed(["run", "max-connections", "--submision", "submission"])
    with pytest.raises(click.UsageError):
        parsed(["run", "max-connections", "--submission", "nowhere"])
    assert parsed(["lint", "max-connections"]).command is lint
