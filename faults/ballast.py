"""A file that takes the room of a size-capped volume; never of the host's own disk."""

from dataclasses import dataclass

from faults.beside import run_beside
from faults.container import Container
from faults.errors import ForeignState, MissingCapability

LARGEST_BYTES = 2 * 1024**3
NEEDS = (
    "a size-capped volume of its own where the file goes, of less than 2 GiB; no server of the lab has one"
)
"""For `About.needs`; `capped` says so of a target that has none."""
FILL = """
free=$(df -B1 --output=avail "$1" | tail -n 1)
exec fallocate -l $((free - $2)) "$3"
"""


@dataclass(frozen=True, kw_only=True)
class Room:
    """A file system as the container sees it."""

    mount: str
    size_bytes: int
    free_bytes: int


def room(target: Container, path: str) -> Room:
    """The file system that *path* lies on."""
    said = target.exec("df", "-B1", "--output=target,size,avail", path, reads=True).text
    mount, size, free = said.splitlines()[-1].split()
    return Room(mount=mount, size_bytes=int(size), free_bytes=int(free))


def capped(target: Container, path: str) -> Room:
    """The same, where it may be filled; MissingCapability where it is not a small volume of its own."""
    found = room(target, path)
    own, *others = target.exec("stat", "-L", "-c", "%d", path, "/", "/etc/hosts", reads=True).text.split()
    if own in others or found.size_bytes >= LARGEST_BYTES:
        raise MissingCapability(
            f"{target.name}: {path} is not on a size-capped volume of its own ({found.mount} has"
            f" {found.size_bytes / 1024**2:.0f} MiB): filling it could fill the host's disk",
            hint=f"mount a volume of less than {LARGEST_BYTES / 1024**3:g} GiB there",
        )
    return found


def absent(target: Container, file: str) -> None:
    """Raise ForeignState where a file is there already."""
    if present(target, file):
        raise ForeignState(f"{target.name}: {file} is there already")


def present(target: Container, file: str) -> bool:
    """Whether the file is there; the container runs."""
    return target.exec("test", "-e", file, check=False, reads=True).exit_code == 0


def fill(target: Container, file: str, *, leave_bytes: int) -> None:
    """Make the file as large as its volume has room, but for *leave_bytes*."""
    folder = file.rpartition("/")[0]
    target.exec("sh", "-euc", FILL, "sh", folder, str(leave_bytes), file)


def remove(target: Container, file: str) -> None:
    """Remove the file, whether the container runs or is down; one that is gone counts as removed."""
    if target.running:
        target.exec("rm", "-f", file)
    else:
        run_beside(target, "rm", "-f", file)
