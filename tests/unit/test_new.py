"""`lab new` writes a scenario that passes every check, and touches nothing else."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab import catalog
from lab.cli import run
from lab.lint import examine
from lab.lint.fresh import NotNew, create
from lab.stack.places import checkout

NEEDED = ("lab", "faults", "runbooks", "loadgen", "compose", "pyproject.toml")
WRITTEN = {"lab/scenarios/slow_thursday.py", "runbooks/slow-thursday.md"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, in which `lab new slow-thursday` was typed."""
    root = tmp_path_factory.mktemp("checkout")
    for name in NEEDED:
        source = checkout() / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    before = state_of(root)
    done = typed(root, "-m", "lab", "new", "slow-thursday", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "id": "slow-thursday",
        "scenario": "lab/scenarios/slow_thursday.py",
        "runbook": "runbooks/slow-thursday.md",
    }
    after = state_of(root)
    assert {name for name in after if after[name] != before.get(name)} == WRITTEN
    assert set(before) <= set(after)
    return root


def state_of(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def typed(root: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(root),
        "LAB_HOME": f"{root}/h",
    }
    return subprocess.run(
        [sys.executable, *argv],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_is_written_is_found_and_nothing_is_wrong_with_it(copy: Path) -> None:
    asked = "from lab import catalog, lint, stack; from lab.stack.places import checkout as c; "
    linted = typed(copy, "-m", "lab", "lint", "--json")
    assert (linted.returncode, json.loads(linted.stdout)) == (0, [])
    told = typed(copy, "-c", asked + "s = catalog.find('slow-thursday'); print(c(), s.id, s.title, sep='|')")
    assert told.stdout.strip() == f"{copy}|slow-thursday|Slow thursday"
    assert "slow-thursday" in typed(copy, "-c", asked + "print(catalog.ids())").stdout


@pytest.mark.parametrize(
    "tool", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy", "--no-incremental")], ids=" ".join
)
def test_what_is_written_passes_the_houses_checks(copy: Path, tool: tuple[str, ...]) -> None:
    done = typed(copy, "-m", *tool, "lab/scenarios/slow_thursday.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_id_a_second_time_is_refused(copy: Path) -> None:
    before = state_of(copy)
    again = typed(copy, "-m", "lab", "new", "slow-thursday")
    assert again.returncode == 2
    assert "lab/scenarios/slow_thursday.py is there already" in again.stderr
    assert state_of(copy) == before


@pytest.mark.parametrize(
    ("scenario_id", "hint"),
    [
        ("Slow-Thursday", "lab new slow-thursday"),
        ("slow_thursday", "lab new slow-thursday"),
        ("slow--thursday", "lab new slow-thursday"),
        ("../slow", "lab new slow"),
        ("7-slow", "lab new slow"),
        ("class", "lab new slow-thursday"),
        ("", "lab new slow-thursday"),
        ("x" * 41, "lab new slow-thursday"),
    ],
)
def test_an_id_that_is_none_is_refused_with_one_that_is(scenario_id: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(NotNew) as caught:
        create(scenario_id, "", tmp_path)
    assert caught.value.hint == hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("title", ['He said "no"', "two\nlines", "x" * 81, "a\\n"])
def test_a_title_that_would_break_the_file_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(NotNew, match="cannot be a title"):
        create("slow-thursday", title, tmp_path)


def test_a_runbook_alone_is_there_already_too(tmp_path: Path) -> None:
    (tmp_path / "lab/scenarios").mkdir(parents=True)
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks/slow-thursday.md").touch()
    with pytest.raises(NotNew, match=r"runbooks/slow-thursday\.md is there already"):
        create("slow-thursday", "", tmp_path)
    assert not list((tmp_path / "lab/scenarios").iterdir())


def test_a_scenario_of_the_lab_is_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    before = (checkout() / "lab/scenarios/max_connections.py").read_bytes()
    assert run(["new", "max-connections"]) == 2
    assert "lab lint max-connections" in capsys.readouterr().err
    assert (checkout() / "lab/scenarios/max_connections.py").read_bytes() == before
    assert examine("max-connections", checkout()).problems == ()
    assert "slow-thursday" not in catalog.ids()
