"""A fix runs as the trainee, within its limits, and nothing of it is left running."""

import time
from pathlib import Path

import docker
import pytest

from lab.engine.base import BASE
from lab.engine.capped import Ending
from lab.engine.runner import SystemRunner
from lab.errors import StackNotReady
from lab.stack.fix import MAX_OUTPUT_BYTES, FixRun, Toolbox
from lab.stack.places import LABEL
from lab.stack.submission import read_fix, read_submission

pytestmark = pytest.mark.docker


@pytest.fixture
def toolbox(engine: docker.DockerClient, label: str, runner: SystemRunner) -> Toolbox:
    """A container with a trainee in it, as far as running a fix goes."""
    engine.containers.run(
        BASE,
        ["sh", "-c", "id trainee 2>/dev/null || useradd --create-home trainee; touch /ready; exec sleep 300"],
        labels={LABEL: label, "com.docker.compose.service": "toolbox"},
        detach=True,
        init=True,
        pids_limit=128,
    )
    toolbox = Toolbox(runner=runner, lab=label)
    deadline = time.monotonic() + 20
    while not runner.run(["docker", "exec", toolbox.container().id, "test", "-e", "/ready"]).ok:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return toolbox


def run(toolbox: Toolbox, tmp_path: Path, text: str, *, limit_s: float = 30.0) -> tuple[FixRun, str]:
    seen = bytearray()
    (tmp_path / "fix").write_text(text)
    done = toolbox.run(read_fix(tmp_path / "fix"), limit_s=limit_s, sink=seen.extend)
    return done, seen.decode()


def processes(toolbox: Toolbox) -> str:
    return toolbox.runner.run(["docker", "top", toolbox.container().id, "-eo", "args"]).text


def test_it_runs_as_the_trainee_and_its_words_come_back(toolbox: Toolbox, tmp_path: Path) -> None:
    done, said = run(toolbox, tmp_path, "id -un; echo to stderr >&2; echo and on")
    assert (done.ok, done.capped.exit_code) == (True, 0)
    assert said == "trainee\nto stderr\nand on\n"


def test_its_first_line_names_its_interpreter(toolbox: Toolbox, tmp_path: Path) -> None:
    done, said = run(toolbox, tmp_path, '#!/usr/bin/perl\nprint "perl $$\\n" if $$;')
    assert done.ok
    assert said.startswith("perl")


def test_one_that_fails_is_said_with_its_code(toolbox: Toolbox, tmp_path: Path) -> None:
    done, _ = run(toolbox, tmp_path, "exit 3")
    assert not done.ok
    assert "ended with exit code 3" in done.said()


def test_one_that_hangs_is_ended_and_gone(toolbox: Toolbox, tmp_path: Path) -> None:
    done, said = run(toolbox, tmp_path, "echo begun; exec sleep 4321", limit_s=2.0)
    assert (done.capped.ending, said) == (Ending.TIMED_OUT, "begun\n")
    assert "still running" in done.said()
    assert "4321" not in processes(toolbox)


def test_one_that_floods_is_ended_at_the_cap(toolbox: Toolbox, tmp_path: Path) -> None:
    done, said = run(toolbox, tmp_path, "exec yes abcdefgh")
    assert done.capped.ending is Ending.FLOODED
    assert len(said) == MAX_OUTPUT_BYTES
    assert "wrote more than 1024 KiB" in done.said()
    assert "yes" not in processes(toolbox)


def test_what_it_leaves_in_the_background_is_ended(toolbox: Toolbox, tmp_path: Path) -> None:
    done, _ = run(toolbox, tmp_path, "setsid nohup sleep 4321 >/dev/null 2>&1 & exit 0")
    assert done.restarted
    assert "toolbox was restarted" in done.said()
    assert "4321" not in processes(toolbox)


def test_one_that_forks_on_is_ended(toolbox: Toolbox, tmp_path: Path) -> None:
    done, _ = run(toolbox, tmp_path, "f() { (f &) ; sleep 0.05; f; }; f >/dev/null 2>&1", limit_s=3.0)
    assert done.restarted
    time.sleep(0.5)
    assert len(processes(toolbox).splitlines()) <= 4


def test_one_that_deletes_itself_and_its_shell_is_over_and_the_next_one_runs(
    toolbox: Toolbox, tmp_path: Path
) -> None:
    """What is not the trainee's to delete stays; the file is, and the running shell is to end."""
    done, _ = run(toolbox, tmp_path, 'rm -f "$0" /bin/sh "$(command -v bash)" 2>/dev/null; kill -9 $$')
    assert "ended with exit code 137" in done.said()
    again, said = run(toolbox, tmp_path, "id -un")
    assert (again.ok, said) == (True, "trainee\n")


def test_a_folder_is_unpacked_and_its_fix_run_in_it(toolbox: Toolbox, tmp_path: Path) -> None:
    folder = tmp_path / "handed-in"
    (folder / "sql").mkdir(parents=True)
    (folder / "fix.sh").write_text(
        "#!/bin/sh\nid -un; cat 'sql/one query.sql'; ./tool; stat -c %U:%a . fix.sh"
    )
    (folder / "sql/one query.sql").write_text("select 1\n")
    (folder / "tool").write_text("#!/bin/sh\necho tool\n")
    (folder / "tool").chmod(0o700)
    seen = bytearray()
    done = toolbox.run_submission(read_submission(folder), limit_s=30, sink=seen.extend)
    assert done.ok
    assert seen.decode() == "trainee\nselect 1\ntool\ntrainee:700\ntrainee:755\n"


def test_a_folders_fix_has_the_same_limits(toolbox: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "fix.sh").write_text("setsid nohup sleep 4321 >/dev/null 2>&1 &\nexec sleep 4322")
    done = toolbox.run_submission(read_submission(tmp_path), limit_s=2, sink=lambda _: None)
    assert (done.capped.ending, done.restarted) == (Ending.TIMED_OUT, True)
    assert "432" not in processes(toolbox)


def test_without_a_toolbox_it_says_so(label: str, runner: SystemRunner, tmp_path: Path) -> None:
    with pytest.raises(StackNotReady, match=f"toolbox of lab {label} does not run"):
        run(Toolbox(runner=runner, lab=label), tmp_path, "true")
