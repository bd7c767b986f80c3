"""A folder that was handed in is checked before anything starts, and what is not taken is named."""

import base64
import io
import os
import socket
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.cli import run
from lab.stack.fix import UNPACK
from lab.stack.submission import MOST_BYTES, MOST_FILES, BadSubmission, read_fix, read_submission


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission with nothing wrong."""
    folder = tmp_path / "handed-in"
    (folder / "sql").mkdir(parents=True)
    (folder / "fix.sh").write_text("psql -f sql/a.sql\n")
    (folder / "sql" / "a.sql").write_text("select 1;\n")
    return folder


def fill(folder: Path, n_bytes: int) -> None:
    """One more file, so that all together have so many bytes."""
    there = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    (folder / "zeros").write_bytes(b"\0" * (n_bytes - there))


def test_all_files_are_read_with_their_rights(folder: Path) -> None:
    (folder / "sql" / "a.sql").chmod(0o755)
    submission = read_submission(folder)
    assert [(f.path, f.executable) for f in submission.files] == [("fix.sh", False), ("sql/a.sql", True)]
    assert submission.start.content == b"psql -f sql/a.sql\n"


def test_the_limits_themselves_are_within(folder: Path) -> None:
    fill(folder, MOST_BYTES)
    for n in range(MOST_FILES - 3):
        (folder / f"empty-{n}").touch()
    assert len(read_submission(folder).files) == MOST_FILES


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def nested(folder: Path) -> None:
    for n in range(101):
        (folder / f"d{n}").mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: fill(f, MOST_BYTES + 1), "zeros: with it, all files together are more than 1024 KiB"),
        (lambda f: os.truncate(f / "sql/a.sql", 2**40), "sql/a.sql: with it, all files together"),
        (lambda f: [(f / f"x{n}").touch() for n in range(99)], "x98: more than 100 files"),
        (nested, "more than 100 folders"),
        (lambda f: (f / "sql/up").symlink_to("../fix.sh"), "sql/up: a symbolic link"),
        (lambda f: (f / "etc").symlink_to("/etc"), "etc: a symbolic link"),
        (lambda f: (f / "gone").symlink_to("nowhere"), "gone: a symbolic link"),
        (lambda f: os.mkfifo(f / "sql/pipe"), "sql/pipe: a pipe"),
        (lambda f: listening(f / "s"), "s: a socket"),
        (lambda f: (f / "two\nlines").touch(), r"'two\nlines': its name holds what cannot be printed"),
        (
            lambda f: Path(os.fsdecode(os.fsencode(f) + b"/\xff")).touch(),
            "its name holds what cannot be printed",
        ),
        (lambda f: (f / "fix.sh").unlink(), "no fix.sh in it"),
        (lambda f: (f / "fix.sh").rename(f / "sql/fix.sh"), "no fix.sh in it"),
        (lambda f: [(f / "fix.sh").unlink(), (f / "fix.sh").mkdir()], "no fix.sh in it"),
    ],
)
def test_what_is_not_taken_is_named(folder: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(folder)
    with pytest.raises(BadSubmission) as caught:
        read_submission(folder)
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSubmission, match="none"):
        read_submission(tmp_path / "none")


def test_what_is_packed_is_what_was_read_and_the_same_each_time(folder: Path) -> None:
    submission = read_submission(folder)
    (folder / "fix.sh").write_text("something else")
    assert submission.packed() == submission.packed()
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(submission.packed()))) as archive:
        assert [(m.name, m.mode, m.uid, m.mtime) for m in archive] == [
            ("fix.sh", 0o755, 0, 0),
            ("sql/a.sql", 0o644, 0, 0),
        ]


def test_the_toolboxs_half_unpacks_it(folder: Path, tmp_path: Path) -> None:
    here = UNPACK.replace("/tmp/", f"{tmp_path}/")  # noqa: S108  the toolbox's, not ours
    done = subprocess.run(
        ["sh", "-c", here], input=read_submission(folder).packed(), capture_output=True, text=True, check=True
    )
    unpacked = Path(done.stdout.strip())
    assert (unpacked / "sql/a.sql").read_text() == "select 1;\n"
    assert os.access(unpacked / "fix.sh", os.X_OK)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: os.mkfifo(f), "a pipe"),
        (lambda f: f.symlink_to("/dev/zero"), "a device"),
        (lambda f: f.mkdir(), "a folder"),
        (lambda f: f.write_bytes(b"#" * (MOST_BYTES + 1)), "more than 1024 KiB"),
        (lambda f: f.symlink_to("nowhere"), "No such file"),
    ],
)
def test_a_fix_is_one_plain_file_of_some_size(
    tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    make(tmp_path / "fix")
    with pytest.raises(BadSubmission) as caught:
        read_fix(tmp_path / "fix")
    assert said in str(caught.value)
    assert str(tmp_path / "fix") in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_fix_is_read_at_once_whatever_becomes_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "script").write_bytes(b"#" * MOST_BYTES)
    (tmp_path / "fix").symlink_to("script")
    fix = read_fix(tmp_path / "fix")
    (tmp_path / "script").unlink()
    assert fix.content == b"#" * MOST_BYTES


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "one of --fix FILE and --submission DIR"),
        (["--fix", __file__, "--submission", "FOLDER"], "one of --fix FILE and --submission DIR"),
        (["--submission", __file__], "is a file"),
        (["--submission", "/nowhere"], "does not exist"),
        (["--submission", "FOLDER"], "sql/link: a symbolic link"),
        (["--fix", "/dev/zero"], "fix /dev/zero: a device"),
        (["--fix", "FOLDER/sql/link"], "more than 1024 KiB"),
        (["--fix", "FOLDER"], "is a directory"),
    ],
)
def test_the_command_line_refuses_before_anything_starts(
    words: list[str],
    said: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "home"))
    (tmp_path / "large").write_bytes(b"#" * (MOST_BYTES + 1))
    (folder / "sql/link").symlink_to(tmp_path / "large")
    assert run(["run", "max-connections", *(word.replace("FOLDER", str(folder)) for word in words)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
