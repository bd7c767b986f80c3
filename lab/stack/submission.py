"""A folder that somebody handed in: checked and read at once, so that what was checked is what is run."""

import base64
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import UsageError

START = "fix.sh"
MOST_BYTES = 1024 * 1024
MOST_FILES = 100
MOST_FOLDERS = 100


class BadSubmission(UsageError):
    """Something in the folder is not taken."""


@dataclass(frozen=True, kw_only=True)
class File:
    """One file; *path* is relative to the folder."""

    path: str
    content: bytes = field(repr=False)
    executable: bool


@dataclass(frozen=True, kw_only=True)
class Submission:
    """All that was handed in; `fix.sh` is what is run."""

    files: tuple[File, ...]

    @property
    def start(self) -> File:
        """What is run."""
        return next(file for file in self.files if file.path == START)

    def packed(self) -> str:
        """A tar archive of it in base64, the same for the same files."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for file in self.files:
                entry = tarfile.TarInfo(file.path)
                entry.size = len(file.content)
                entry.mode = 0o755 if file.executable or file is self.start else 0o644
                archive.addfile(entry, io.BytesIO(file.content))
        return base64.b64encode(buffer.getvalue()).decode()


def read_submission(folder: Path) -> Submission:
    """All files below *folder*; BadSubmission names the first that is not taken, and says why."""
    reader = _Reader()
    try:
        files = tuple(reader.files(folder.resolve(strict=True), ""))
    except OSError as error:
        raise BadSubmission(f"submission {folder}: {error}") from error
    if not any(file.path == START for file in files):
        raise BadSubmission(
            f"submission {folder}: no {START} in it", hint=f"{START} is what is run, in the folder itself"
        )
    return Submission(files=files)


def read_fix(file: Path) -> File:
    """The one file that is to be run; BadSubmission where it is not plain, or more than a folder may hold."""
    shown = f"fix {file}"
    try:
        content, mode = _read(file, shown, MOST_BYTES + 1, links=True)
    except OSError as error:
        raise BadSubmission(f"{shown}: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise BadSubmission(f"{shown}: more than {MOST_BYTES // 1024} KiB")
    return File(path=str(file), content=content, executable=bool(mode & stat.S_IXUSR))


class _Reader:
    """Counts what was read, so that a folder without end is left early."""

    def __init__(self) -> None:
        self._files = self._folders = self._bytes = 0

    def files(self, folder: Path, within: str) -> Iterator[File]:
        """The files below *folder*, in order of their names."""
        self._folders += 1
        if self._folders > MOST_FOLDERS:
            raise _refused(within, f"more than {MOST_FOLDERS} folders")
        for entry in sorted(folder.iterdir()):
            path = f"{within}/{entry.name}" if within else entry.name
            if not path.isprintable():
                raise _refused(path, "its name holds what cannot be printed")
            mode = entry.lstat().st_mode
            if stat.S_ISDIR(mode):
                yield from self.files(entry, path)
            elif stat.S_ISREG(mode):
                yield self._file(entry, path)
            else:
                raise _refused(path, f"{_kind(mode)}; only plain files and folders are taken")

    def _file(self, file: Path, path: str) -> File:
        self._files += 1
        if self._files > MOST_FILES:
            raise _refused(path, f"more than {MOST_FILES} files")
        content, mode = _read(file, f"submission: {path}", MOST_BYTES - self._bytes + 1)
        self._bytes += len(content)
        if self._bytes > MOST_BYTES:
            raise _refused(path, f"with it, all files together are more than {MOST_BYTES // 1024} KiB")
        return File(path=path, content=content, executable=bool(mode & stat.S_IXUSR))


def _read(file: Path, shown: str, most_bytes: int, *, links: bool = False) -> tuple[bytes, int]:
    """Up to so many bytes of a plain file, and its mode; what took its place since it was seen is refused."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW)
    handle = os.open(file, flags)
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise BadSubmission(f"{shown}: {_kind(mode)}; only plain files and folders are taken")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            return opened.read(most_bytes), mode
    finally:
        os.close(handle)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "no plain file")


def _refused(path: str, why: str) -> BadSubmission:
    # A name in bytes that are no text must not break the message that refuses it.
    shown = path if path.isprintable() else ascii(path)
    return BadSubmission(f"submission: {shown}: {why}")
