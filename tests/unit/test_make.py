"""What make's targets type: every word as it was given, and the verdict where make can say only 0 or 2."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.stack.places import checkout

OURS = ("NAME", "ARGS", "SCENARIO", "CMD", "SHARD", "LAB", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")
"""What a make above this test, or a person's shell, may have set."""

STUB = f"""#!{sys.executable}
import json, os, sys
print(json.dumps(sys.argv[1:]))
print(os.environ["SAYS"])
sys.exit(int(os.environ["EXITS"]))
"""

NAMED = ["--name", "team-1"]
WITH_LAB: Mapping[str, list[str]] = {
    "lab": ["start", "max-connections", *NAMED, "--no-wait"],
    "status": ["status", *NAMED, "--no-wait"],
    "hint": ["hint", *NAMED, "--no-wait"],
    "grade": ["grade", *NAMED, "--no-wait"],
    "reset": ["reset", *NAMED, "--no-wait"],
    "down": ["down", *NAMED, "--no-wait"],
    "list": ["list", "--no-wait"],
    "doctor": ["doctor", "--no-wait"],
    "images": ["images", "--no-wait"],
    "prove": ["prove", "max-connections", *NAMED, "--no-wait"],
    "shell": ["shell", *NAMED],
}
"""What each target that is one call of lab types, with SCENARIO, NAME and ARGS."""

OTHERS: Mapping[str, list[str]] = {
    "help": ["sed -n"],
    "test": [
        "lab images",
        "ruff check .",
        "ruff format --check .",
        "lab lint",
        "mypy",
        'pytest -m "not matrix" --no-wait',
    ],
    "prove-faults": ["lab images", "pytest tests/faults --no-wait"],
    "prove-verbs": ["lab images", "tests/contract/test_hands.py tests/contract/test_switch.py --no-wait"],
    "prove-rest": ["lab images", "tests/contract tests/host --ignore=", "--no-wait"],
    "checks": ["ruff check .", "ruff format --check .", "lab lint", "mypy"],
    "lint": ["ruff check .", "ruff format --check .", "lab lint"],
    "type": ["mypy"],
    "bench": ["lab images", "python -m bench --no-wait"],
    "clean": ["rm -rf .venv"],
}
"""Of the others, parts of what they type, in order."""

SCRIPTS = (
    "psql -l",
    """psql -c 'select "x" from "a table"'""",
    'echo "$HOME" $$ ${x:-y} $(id -un) `date`',
    r"printf '%s\n' it\'s, a  b; (true && ! false) | cat > /dev/null",
    "# no comment: é ☂ %d $(if a,b)",
)
"""What people type in a shell; none of it is make's to read."""


def make(*words: str, old: str = ".venv/.done", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Type make in the checkout; *old* is not made anew."""
    outer = {key: value for key, value in os.environ.items() if key not in OURS}
    return subprocess.run(
        ["make", f"--old-file={old}", *words],
        cwd=checkout(),
        env={**outer, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A lab command that prints its words as JSON, says something, and exits as it is told to."""
    program = tmp_path / "lab"
    program.write_text(STUB)
    program.chmod(0o755)
    monkeypatch.setenv("SAYS", "")
    monkeypatch.setenv("EXITS", "0")
    return f"LAB={program}"


def typed(*words: str, **environment: str) -> list[str]:
    """The words that the lab command gets."""
    done = make(*words, **environment)
    assert done.returncode == 0, done.stderr
    argv: list[str] = json.loads(done.stdout.splitlines()[0])
    return argv


def test_every_target_is_asked_here() -> None:
    text = (checkout() / "Makefile").read_text()
    [phony] = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert {*WITH_LAB, *OTHERS, "setup"} == set(phony.split())
    told = {line.split()[1] for line in make("help").stdout.splitlines()}
    assert told == set(phony.split()) - {"checks"}


@pytest.mark.parametrize("target", WITH_LAB)
def test_a_target_is_one_call_of_lab(target: str, stub: str) -> None:
    words = ["SCENARIO=max-connections", "NAME=team-1", "ARGS=--no-wait"]
    assert typed(target, stub, *words) == WITH_LAB[target]


@pytest.mark.parametrize("target", WITH_LAB)
def test_without_words_it_is_the_verb_alone(target: str, stub: str) -> None:
    assert typed(target, stub) == ["list" if target == "lab" else target]


@pytest.mark.parametrize("target", OTHERS)
def test_a_target_types_its_commands_in_order(target: str) -> None:
    done = make("--dry-run", target, "ARGS=--no-wait", "NAME=team-1", "SCENARIO=max-connections")
    assert done.returncode == 0, done.stderr
    at = 0
    for part in OTHERS[target]:
        at = done.stdout.index(part, at) + len(part)


def test_arguments_are_words_of_the_shell(stub: str) -> None:
    argv = typed(
        "prove", stub, "SCENARIO=max-connections", "ARGS=--only 'solved:*' --only \"$X\" '$X'", X="a b"
    )
    assert argv == ["prove", "max-connections", "--only", "solved:*", "--only", "a b", "$X"]
    done = make("--dry-run", "test", "ARGS=-k 'one or two'")
    assert shlex.split(done.stdout.splitlines()[-1])[-2:] == ["-k", "one or two"]


def test_setup_makes_an_environment_where_there_is_none_of_this_lock() -> None:
    assert "sh .ci/setup" not in make("--dry-run", "setup").stdout
    fresh = make("--dry-run", "--always-make", "setup", old="nothing")
    assert "sh .ci/setup" in fresh.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_command_comes_to_the_toolbox_as_it_was_typed(script: str, stub: str) -> None:
    wanted = ["shell", "--name", "team-1", "--", "bash", "-c", script]
    assert typed("shell", stub, "NAME=team-1", f"CMD={script}") == wanted
    assert typed("shell", stub, "NAME=team-1", CMD=script) == wanted


def test_a_command_is_not_run_by_a_dry_run_nor_shown_by_a_run(stub: str) -> None:
    script = "echo 'a secret'"
    assert '-- bash -c "$CMD"' in make("--dry-run", "shell", stub, f"CMD={script}").stdout
    assert make("shell", stub, f"CMD={script}").stdout.count("bash") == 1


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 2), (2, 2), (3, 2), (70, 2)])
def test_make_says_0_or_2_and_the_verdict_is_printed(code: int, ends: int, stub: str) -> None:
    done = make("grade", stub, SAYS="FAIL  0/100", EXITS=str(code))
    assert done.returncode == ends
    assert "FAIL  0/100" in done.stdout
    assert (f"Error {code}" in done.stderr) is bool(code)
