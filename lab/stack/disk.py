"""Refuse to start where the disk would fill up."""

import shutil
from collections.abc import Callable
from pathlib import Path

from lab.errors import DiskFull

GIB = 1024**3
FOR_BUILDING_BYTES = 4 * GIB
"""All images and the builder's cache."""
FOR_RUNNING_BYTES = 1 * GIB
"""What databases, logs and journals of one drill may grow to."""


def free_bytes(path: Path) -> int:
    """Free bytes where *path* is, or will be."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def check(places: tuple[Path, ...], *, building: bool, free: Callable[[Path], int] = free_bytes) -> int:
    """Raise DiskFull where one of *places* has too little room; returns the least free bytes."""
    need = FOR_BUILDING_BYTES if building else FOR_RUNNING_BYTES
    room = {place: free(place) for place in places}
    for place, have in room.items():
        if have < need:
            purpose = "images and a lab" if building else "a lab"
            raise DiskFull(
                f"{place} has {have / GIB:.1f} GiB free, {need / GIB:.0f} GiB are needed for {purpose}",
                hint="docker system df says what Docker keeps; docker builder prune empties its build cache",
            )
    return min(room.values())
