"""A file that takes the room of a size-capped volume; never of the host's own disk."""

from dataclasses import dataclass

from faults import tags
from faults.beside import run_beside
from faults.container import Container
from faults.core import Receipt
from faults.errors import ForeignState, MissingCapability

LARGEST_BYTES = 2 * 1024**3
NEEDS = (
    "a size-capped volume of its own where the file goes, of less than 2 GiB; no server of the lab has one"
)
"""For `About.needs`; `capped` says so of a target that has none."""
FILL = """
free=$(df -B1 --output=avail "$1" | tail -n 1)
if [ ! -e "$3" ]; then set -C; printf %s "$4" > "$3"; fi
test "$(head -c ${#4} "$3")" = "$4"
exec fallocate -l $((free - $2)) "$3"
"""
"""It begins with the tag, by which it is known for ours."""
OURS = 'test "$(head -c ${#2} "$1" 2>/dev/null | tr -d "\\000")" = "$2"'
REMOVE = f'if {OURS}; then rm -f "$1"; fi; if [ -e "$1" ]; then echo left; fi'


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


def prepared(target: Container, folder: str, file: str) -> dict[str, str | int | float]:
    """For the receipt: the file to be, at the top of the volume that *folder* lies on, and its tag.

    MissingCapability where the volume is not capped, ForeignState where the file is there.
    """
    found = capped(target, folder)
    path = f"{found.mount}/{file}"
    if target.exec("test", "-e", path, check=False, reads=True).exit_code == 0:
        raise ForeignState(f"{target.name}: {path} is there already")
    return {"file": path, "size_bytes": found.size_bytes, "tag": tags.new()}


def present(target: Container, receipt: Receipt) -> bool:
    """Whether the file is there, and ours; the container runs."""
    said = target.exec("sh", "-c", OURS, "sh", *_which(receipt), check=False, reads=True)
    return said.exit_code == 0


def fill(target: Container, receipt: Receipt, *, leave_bytes: int) -> None:
    """Make the file as large as its volume has room, but for *leave_bytes*."""
    file, tag = _which(receipt)
    folder = file.rpartition("/")[0]
    target.exec("sh", "-euc", FILL, "sh", folder, str(leave_bytes), file, tag)


def remove(target: Container, receipt: Receipt) -> str:
    """Remove the file if it is ours, whether the container runs or is down; says what it left alone."""
    words = ("sh", "-c", REMOVE, "sh", *_which(receipt))
    said = target.exec(*words).text if target.running else run_beside(target, *words)
    return tags.left_alone(f"file {receipt['file']} of {target.name}") if "left" in said else ""


def _which(receipt: Receipt) -> tuple[str, str]:
    return str(receipt["file"]), str(receipt["tag"])
